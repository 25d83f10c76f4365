# Lumbar in a browser, for the public. compose.yaml starts it with a PostgreSQL.
FROM python:3.12-slim AS built
RUN apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev
COPY . /source
RUN python -m venv /lumbar && /lumbar/bin/python -m pip install --no-cache-dir '/source[pdf,postgres]'

FROM python:3.12-slim
# What plans as PDF are drawn with.
RUN apt-get update && apt-get install --yes --no-install-recommends \
  fonts-liberation libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 && rm -rf /var/lib/apt/lists/*
COPY --from=built /lumbar /lumbar
# The rules and the content apart from the program, so that an operator's file can lie over theirs.
COPY rules /site/rules
COPY content /site/content
RUN useradd --create-home lumbar
USER lumbar
ENV LUMBAR_HOST=0.0.0.0 LUMBAR_PORT=8000 LUMBAR_DIR=/site
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD ["/lumbar/bin/python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
CMD ["/lumbar/bin/lumbar", "serve"]
