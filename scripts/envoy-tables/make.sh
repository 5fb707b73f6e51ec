#!/bin/sh
# Writes envoy/tables/generated/ again from the Go module pinned in go.mod. Needs Go and its module proxy; see README.md.
set -eu
cd "$(dirname "$0")"
out=$(cd ../../envoy/tables/generated && pwd)
module=github.com/envoyproxy/go-control-plane/envoy
version=$(go list -m -f '{{.Version}}' "$module")
go mod download "$module@$version"
{
  echo '// Made by make.sh: every package of the module, for its descriptors.'
  echo 'package main'
  echo
  echo 'import ('
  go list -mod=mod -e -f '{{.ImportPath}}' "$module/..." 'github.com/cncf/xds/go/udpa/...' 'github.com/cncf/xds/go/xds/...' \
    'google.golang.org/protobuf/types/known/...' 'go.opentelemetry.io/proto/otlp/collector/...' \
    'github.com/envoyproxy/go-control-plane/contrib/envoy/extensions/.../peak_ewma/...' | sed 's/.*/	_ "&"/'
  echo ')'
} > imports_made.go
go mod tidy
go run . roots.txt "$out"
rm imports_made.go
echo "$module $version"
