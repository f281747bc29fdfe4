# One image for web, worker and release: compose.yaml says which of the Procfile's lines each container runs.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app

# Before the code, so that a change of the code installs nothing anew.
COPY requirements.lock .
RUN pip install --no-cache-dir --disable-pip-version-check -r requirements.lock

COPY . .
# The code belongs to root and cannot be changed by who runs it; only what is kept and what is counted can.
RUN python -m compileall -q . \
 && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin ringpath \
 && mkdir -p var/recordings \
 && chown -R ringpath var
USER ringpath

# Which commit this is, since .git is not here; last, so that it makes nothing else anew.
ARG RINGPATH_COMMIT=""
ENV RINGPATH_COMMIT=$RINGPATH_COMMIT

EXPOSE 8000
CMD ["gunicorn", "app:create_app()"]
