# The service in a small image: no compiler, no shell needed, not root, and nothing written outside of /tmp.
FROM python:3.13 AS build
COPY .ci/locks/runtime.txt /tmp/runtime.txt
RUN python -m venv --without-pip /opt/venv \
    && pip --disable-pip-version-check --python /opt/venv install --no-cache-dir --require-hashes \
        --only-binary :all: --requirement /tmp/runtime.txt
COPY .ci/locks/dev.txt /tmp/dev.txt
RUN python -m venv /opt/tools \
    && /opt/tools/bin/pip --disable-pip-version-check install --no-cache-dir --require-hashes \
        --only-binary :all: --requirement /tmp/dev.txt
COPY pyproject.toml /opt/app/
COPY .ci/compile /opt/app/.ci/
COPY graph_service /opt/app/graph_service
RUN CI=true /opt/tools/bin/python /opt/app/.ci/compile && rm -r /opt/app/.ci /opt/app/build /opt/app/pyproject.toml
RUN /opt/venv/bin/python -m compileall -q /opt/app

FROM python:3.13-slim
COPY --from=build /opt/venv /opt/venv
COPY --from=build /opt/app /opt/app
ENV PATH=/opt/venv/bin:$PATH PYTHONPATH=/opt/app PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /tmp
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
ENTRYPOINT ["python", "-m", "graph_service"]
CMD ["serve"]
