FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=lms.settings.production \
    STATIC_ROOT=/srv/static \
    TENFOLD_DATA_DIR=/srv/data

WORKDIR /srv/tenfold
COPY requirements.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY . .
RUN SECRET_KEY=only-to-collect-static-files-xxxxxxxxxxxxxxxxxxxxxxxxxxxx \
    ALLOWED_HOSTS=localhost BASE_URL=https://localhost \
    DATABASE_URL=postgres://unused REDIS_URL=redis://:unused@unused SCANNER=none \
    python manage.py collectstatic --no-input --verbosity 0 \
    && useradd --system --create-home tenfold \
    && mkdir -p /srv/data && chown tenfold /srv/data
USER tenfold
EXPOSE 8000
CMD ["gunicorn", "lms.wsgi", "--bind", "0.0.0.0:8000", "--workers", "3", "--threads", "4", "--timeout", "60"]
