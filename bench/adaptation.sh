#!/usr/bin/env bash
# Runs a session while another program comes and goes on one core: latency before, during and after, without adapting and with it.
#   bench/adaptation.sh [NETWORK or MODEL.onnx] [seconds of each phase] [core to load] [ahead]
# "ahead" compiles the other plans when the session is opened instead of when they are needed.
set -eu
cd "$(dirname "${BASH_SOURCE[0]}")"
exec dotnet run -c Release adaptation.cs -- "$@"
