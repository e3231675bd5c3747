# What .ci/run and .ci/full share. Sourced, never run.

ROWS=()
FAILED=0
BEGAN=$SECONDS
LOGS=$(mktemp -d -t tierline-ci.XXXXXX)

# stage NAME COMMAND...: runs it, prints its time and its last line; a failure is remembered and the next stage goes on.
stage() {
  local name=$1 from=$SECONDS code=0 log
  shift
  log="$LOGS/$(tr -c 'a-zA-Z0-9\n' '-' <<<"$name").log"
  printf '\n=== %s\n' "$name"
  set +e
  (set -euo pipefail; "$@") 2>&1 | tee "$log"
  code=${PIPESTATUS[0]}
  set -e
  local counts
  counts=$(grep -aE '[0-9]+ (passed|failed|skipped|error)' "$log" | tail -n 1 | sed 's/=//g; s/^ *//; s/ *$//' || true)
  ROWS+=("$(printf '%-24s %5d s  %-6s %s' "$name" $((SECONDS - from)) "$([ "$code" = 0 ] && echo ok || echo FAILED)" "$counts")")
  printf '%s\n' "--- ${ROWS[-1]}"
  [ "$code" = 0 ] || FAILED=1
}

# begun NAME COMMAND...: starts a stage beside the next ones, which leave a core idle; it is printed when it is ended.
begun() {
  local name=$1 from=$SECONDS
  shift
  (
    set +e
    (set -euo pipefail; "$@") >"$LOGS/$name.out" 2>&1 </dev/null
    echo $? >"$LOGS/$name.part"
    echo "took $((SECONDS - from)) s beside the others" >>"$LOGS/$name.out"
    mv "$LOGS/$name.part" "$LOGS/$name.code"
  ) &
}

# ended NAME: waits for what was begun under this name, prints it, and ends as it did. A stage of its own.
ended() {
  until [ -f "$LOGS/$1.code" ]; do sleep 0.2; done
  cat "$LOGS/$1.out"
  return "$(cat "$LOGS/$1.code")"
}

# finish: the table of stages, and the verdict.
finish() {
  printf '\n%s\n' "stage                      time  result counts"
  printf '%s\n' "${ROWS[@]}"
  printf 'total %d s; artefacts in %s\n' $((SECONDS - BEGAN)) "$TIERLINE_ARTIFACTS"
  rm -rf "$LOGS"
  [ "$FAILED" = 0 ] || { echo "FAILED" >&2; exit 1; }
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

has_postgres() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }

# packages: Debian's programs that tests talk to, where they are missing.
packages() {
  local missing=()
  command -v prometheus >/dev/null && command -v promtool >/dev/null || missing+=(prometheus)
  command -v prometheus-alertmanager >/dev/null || missing+=(prometheus-alertmanager)
  command -v chromium >/dev/null || missing+=(chromium)
  command -v npm >/dev/null || missing+=(nodejs npm)
  has_postgres && compgen -G '/usr/share/postgresql/*/extension/pg_stat_statements.control' >/dev/null ||
    missing+=(postgresql postgresql-contrib)
  if [ ${#missing[@]} = 0 ]; then
    echo "all there"
    return
  fi
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  echo "installed: ${missing[*]}"
}

# environment NAME PROGRAM PACKAGE...: a virtual environment of a peer, apart from Tierline's own. The installer itself
# sees whether a package is missing, of the wrong version, or all is there (then it asks no index). What a peer never
# imports is not compiled.
environment() {
  local home="$PEERS_DIR/$1" program=$2 python
  shift 2
  if [ ! -x "$home/.venv/bin/python" ]; then
    python=$(command -v python3.11 || command -v python3.12 || command -v python3)
    "$python" -m venv "$home/.venv"
  fi
  if command -v uv >/dev/null; then
    uv pip install --quiet --python "$home/.venv/bin/python" "$@"
  else
    "$home/.venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-compile "$@"
  fi
  [ -x "$home/.venv/bin/$program" ] || { echo "$home has no program $program" >&2; return 1; }
  echo "$home: $*"
}

# npm_environment NAME PROGRAM PACKAGE...: a peer that npm brings, apart from everything else.
npm_environment() {
  local home="$PEERS_DIR/$1" program=$2
  shift 2
  if [ -x "$home/node_modules/.bin/$program" ]; then
    echo "$home is there"
    return
  fi
  mkdir -p "$home"
  npm install --silent --no-audit --no-fund --prefix "$home" "$@"
}

environments() {
  local name
  for name in "$@"; do
    case $name in
      af3) environment af3 airflow 'apache-airflow>=3,<4' apache-airflow-client ;;
      af2) environment af2 airflow 'apache-airflow>=2.10,<3' ;;
      dbt) environment dbt dbt 'dbt-core>=1.11,<1.12' dbt-duckdb dbt-postgres ;;
      prism) npm_environment prism prism @stoplight/prism-cli@5.14.2 ;;
      fakesnow) environment fakesnow fakesnow 'fakesnow==0.12.1' 'snowflake-connector-python<5' ;;
    esac
  done
}

# peers PYTEST-ARGUMENT...: tests against real peers. One that could not run fails the stage. The vendors' specifications
# are no part of a clone: without them the tests that need them are left out, by name.
peers() {
  local report="$LOGS/peers.xml" left_out=()
  if [ ! -d ../shared/specs ]; then
    echo "left out, for want of ../shared/specs: tests/peers/test_prism.py"
    left_out=(--ignore=tests/peers/test_prism.py)
  fi
  TIERLINE_PEERS_REQUIRED=1 .venv/bin/python -m pytest -n 2 --dist loadgroup --durations=12 --junit-xml="$report" -rs "${left_out[@]}" "$@"
  .venv/bin/python - "$report" <<'PYTHON'
import sys
import xml.etree.ElementTree as tree

suites = list(tree.parse(sys.argv[1]).getroot().iter("testsuite"))
tests = sum(int(suite.get("tests", 0)) for suite in suites)
skipped = sum(int(suite.get("skipped", 0)) for suite in suites)
if skipped or not tests:
    sys.exit(f"{skipped} of {tests} checks against real peers did not run")
PYTHON
}

# on_postgres COMMAND...: runs it with TIERLINE_TEST_POSTGRES naming an empty database of a server of its own.
on_postgres() {
  # Not local: the trap runs after the function, at the end of the stage's own shell.
  home=$(mktemp -d -t tierline-postgres.XXXXXX)
  bin=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -n 1)
  port=$(.venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  server=()
  if [ "$(id -u)" = 0 ]; then
    chown postgres "$home"
    server=(runuser -u postgres --)
  fi
  pg() { (cd "$home" && "${server[@]}" "$bin/$1" -D "$home/data" "${@:2}"); }
  pg initdb -U postgres -A trust -E UTF8 --no-locale -N >/dev/null
  trap 'pg pg_ctl -m immediate -s stop || true; rm -rf "$home"' EXIT
  pg pg_ctl -w -s -l "$home/log" start \
    -o "-p $port -k $home -c listen_addresses=127.0.0.1 -c fsync=off -c synchronous_commit=off -c max_connections=500"
  "$bin/createdb" -h 127.0.0.1 -p "$port" -U postgres tierline
  TIERLINE_TEST_POSTGRES="postgresql+psycopg://postgres@127.0.0.1:$port/tierline" "$@"
}
