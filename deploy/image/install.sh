#!/bin/sh
# Installs the packages of a list into an image, in the versions of constraints.txt, and removes what
# no service uses: the packages' own tests, and OpenVINO's plug-ins for other devices than the
# processor.
set -eu
pip install --no-cache-dir --constraint constraints.txt --requirement "$1"
cd "$(python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
for package in numpy scipy sklearn onnx; do
  if [ -d "$package" ]; then
    find "$package" -depth -type d \( -name tests -o -path onnx/test -o -path onnx/backend/test \) \
      -exec rm -r {} +
  fi
done
if [ -d openvino/libs ]; then
  rm -f openvino/libs/cache.json openvino/libs/libopenvino_intel_gpu_plugin.so \
    openvino/libs/libopenvino_intel_npu_plugin.so
fi
