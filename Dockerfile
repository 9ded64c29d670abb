# The ledger as one image: `migrate`, `serve` and `work` are verbs of it.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONPATH=/app \
    LEDGER_HOME=/var/lib/ledger

# Nobody in the container is root, and nothing that runs may write to the program.
RUN useradd --system --uid 10001 --home-dir /var/lib/ledger --create-home ledger

WORKDIR /app

# By hash: what is installed is what was locked, or nothing.
COPY requirements.lock ./
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock

# Run from here rather than installed: the migrations stand beside the program.
COPY ledger ./ledger
COPY migrations ./migrations
COPY LICENSE README.md ./

USER ledger
VOLUME /var/lib/ledger
EXPOSE 8000

ENTRYPOINT ["python", "-m", "ledger"]
CMD ["--help"]
