#!/usr/bin/env bash
# Measures every network at hand: the builder's, and those of shared/data/models where that folder is.
#   bench/networks.sh [RESULT.json] [options of 'tandem bench']
set -eu
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=${1:-/dev/stdout}
[ $# -gt 0 ] && shift
models=
for candidate in "$root/shared/data/models" "$root/../shared/data/models"; do
    [ -d "$candidate" ] && models=$candidate && break
done
networks=(resnet50 vgg16 googlenet mobilenetv2 squeezenet1.1 yolov2-tiny tandem-demo)
"$root/tandem" bench "${networks[@]}" --json "$@" >"$out"
if [ -n "$models" ]; then
    # Their weights are real, or constant: random ones of sane scale exercise every layer.
    "$root/tandem" bench "$models"/*.onnx --json "$@" >>"$out"
    "$root/tandem" bench "$models"/light/*.onnx --random-weights --json "$@" >>"$out"
else
    echo "shared/data/models is not there: measured the built-in networks only" >&2
fi
