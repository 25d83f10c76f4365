"""Decide on Spark for the people of a Parquet file, a column a question.

    spark-submit --master 'local[2]' docs/spark/decide.py people.parquet out.parquet --keep patient

On a cluster, every executor needs the package and its extra `crowd`: pack a virtual environment
with both, send it by `--archives`, and name its Python in PYSPARK_PYTHON.
"""

import argparse
import sys

from pyspark.sql import SparkSession

from lumbar import BadAnswersError, load
from lumbar.crowd.spark import decided


def main() -> None:
    """Decide, write what comes out, and print how many people there are of each urgency."""
    parser = argparse.ArgumentParser(description="Decide on Spark for the people of a table.")
    parser.add_argument("people", help="a Parquet file or folder of them, or an address")
    parser.add_argument("out", help="where to write what is decided, also as Parquet")
    parser.add_argument("--keep", nargs="*", default=[], help="columns that are no question")
    wanted = parser.parse_args()
    spark = SparkSession.builder.appName("lumbar").getOrCreate()
    try:
        found = decided(spark.read.parquet(wanted.people), load(), wanted.keep)
    except BadAnswersError as error:
        sys.exit("\n".join(f"{one.message}; {one.hint}".rstrip("; ") for one in error.problems))
    found.write.mode("errorifexists").parquet(wanted.out)
    spark.read.parquet(wanted.out).groupBy("urgency").count().orderBy("urgency").show()


if __name__ == "__main__":
    main()
