# What a real one would upload: here, a folder for each target.
mkdir -p "published/$DEPLOY_TARGET" && cp "$1" "published/$DEPLOY_TARGET/" && echo "published to $DEPLOY_TARGET"
