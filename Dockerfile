FROM python:3.12-slim AS build
WORKDIR /src
COPY pyproject.toml requirements.lock README.md LICENSE ./
COPY slo slo
COPY collectors collectors
COPY dashboards dashboards
COPY tierline tierline
COPY config config
# The lock file says which versions; pyproject which of them are needed to run.
RUN python -m venv /opt/tierline && /opt/tierline/bin/pip install --no-cache-dir -c requirements.lock .

FROM python:3.12-slim
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/tierline tierline
COPY --from=build /opt/tierline /opt/tierline
COPY config/docker/tierline.yaml /etc/tierline/tierline.yaml
ENV PATH=/opt/tierline/bin:$PATH PYTHONUNBUFFERED=1
USER tierline
WORKDIR /var/lib/tierline
EXPOSE 8050 8051
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8051/healthz', timeout=4)"]
ENTRYPOINT ["tierline", "--config", "/etc/tierline/tierline.yaml"]
CMD ["serve"]
