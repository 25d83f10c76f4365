"""The same on Spark, a batch of rows at a time: past what one machine holds.

The formulas are made once, by the driver, and broadcast. Every executor needs the package with its
extra `lumbar[crowd]`, of the same version as the driver's.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql.pandas.types import from_arrow_type
from pyspark.sql.types import StructField, StructType

from lumbar.crowd import deciding
from lumbar.form.agreement import outcomes
from lumbar.form.encoding import Encoding
from lumbar.rulebook.catalog import Catalog


def decided(frame: DataFrame, catalog: Catalog, keep: Sequence[str] = ()) -> DataFrame:
    """Return a frame with what is decided for each row of another: see `deciding.decided`.

    A column of `frame` is a question, or to `keep`. Raises BadAnswersError at once for any other;
    a job fails where the reference engine decides otherwise for one of a sample.
    """
    encoding = Encoding(catalog)
    outcomes(encoding)  # made here, and not on every executor again
    deciding.refuse(encoding, frame.columns, keep)
    sent = frame.sparkSession.sparkContext.broadcast(encoding)

    def decide(batches: Iterable[Any]) -> Iterator[Any]:
        for rows in batches:
            yield deciding.decided(sent.value, rows, keep)

    made = [StructField(one.name, from_arrow_type(one.type)) for one in deciding.FIELDS]
    return frame.mapInArrow(decide, StructType([*(frame.schema[name] for name in keep), *made]))
