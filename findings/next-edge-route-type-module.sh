#!/usr/bin/env bash
# What: `next build --webpack` fails for an edge route that only returns a string if the package.json of the project says
#   `"type": "module"`: a file of its own output is not found (`route_client-reference-manifest.js`). Without that line,
#   the same project builds; with Turbopack it builds in both cases.
# Version: next 16.4.6 with react 19.3.1.
# Why it surprises: all sources are ES modules already, the Node routes and pages of such a project build, and the error
#   names a generated file, neither the edge runtime nor `type`.
# What to do: leave `type` out, as `create-next-app` does, or build with Turbopack, the default.
set -euo pipefail
NEXT=16.4.6
REACT=19.3.1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export NEXT_TELEMETRY_DISABLED=1
echo '{ "private": true }' > package.json
npm install --silent --no-audit --no-fund "next@$NEXT" "react@$REACT" "react-dom@$REACT"
npx next --version

mkdir -p app/edge
cat > app/layout.js <<'JS'
export default function Layout({ children }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
JS
cat > app/edge/route.js <<'JS'
export const runtime = "edge";
export const GET = () => new Response("edge");
JS

seen=""
for type in none module; do
  if [ "$type" = module ]; then npm pkg set type=module; else npm pkg delete type; fi
  for bundler in turbopack webpack; do
    rm -rf .next
    if npx next build "--$bundler" > build.log 2>&1; then result=built; else
      result=failed
      grep -o 'ENOENT.*route_client-reference-manifest.js' build.log | head -n 1 | sed "s|'.*/\.next|'.next|"
    fi
    echo "type $type, $bundler: $result"
    seen+="$type,$bundler:$result "
  done
done
[ "$seen" = "none,turbopack:built none,webpack:built module,turbopack:built module,webpack:failed " ] || {
  echo "changed: $seen"
  exit 1
}
