#!/bin/sh
# Publishes release.tar once somebody of "ops" approved exactly that file, for exactly that target.
exec gatewright run --action app.deploy --reason "the release of ${GITHUB_REF_NAME:-this machine}" \
  --reviewers ops --data "$GATEWRIGHT_DATA" --timeout 1h \
  --pin release.tar --pin publish.sh --env DEPLOY_TARGET \
  -- sh publish.sh release.tar
