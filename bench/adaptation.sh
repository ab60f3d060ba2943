#!/usr/bin/env bash
# Runs a session while another program comes and goes on one core: latency before, during and after, without adapting and with it.
#   bench/adaptation.sh [NETWORK or MODEL.onnx] [seconds of each phase] [core to load] [ahead]
# "ahead" compiles the other plans when the session is opened instead of when they are needed.
set -eu
cd "$(dirname "${BASH_SOURCE[0]}")"
# A program that is built from one file lies elsewhere, and would not find the library that lies here.
for library in ../native/node_modules/onnxruntime-node/bin/napi-v*/linux/"$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')"/libonnxruntime.so*; do
    [ -e "$library" ] && export TANDEM_ONNXRUNTIME="${TANDEM_ONNXRUNTIME:-$(realpath "$library")}"
done
exec dotnet run -c Release adaptation.cs -- "$@"
