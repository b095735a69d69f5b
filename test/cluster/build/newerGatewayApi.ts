import { versions } from '../versions.ts';
import type { Recipe } from './recipe.ts';

/**
 * The CRDs of the newer Gateway API, in folders `standard` and `experimental`. The go command refuses a module whose
 * go.mod asks for a newer Go than is here, whatever is wanted of it; so its zip is fetched and checked by the sum that
 * sum.golang.org has of it. Seconds.
 */
export function newerGatewayApiRecipe(): Recipe {
  const { version, sum } = versions.newerGatewayApi;
  const module = 'sigs.k8s.io/gateway-api';
  const proxy = `$(go env GOPROXY | tr ',|' '\\n\\n' | grep -m 1 -E '^(https?|file)://')`;
  const fetch = `curl --fail --silent --show-error --location --max-time 120 --retry 3 --output module.zip "${proxy}/$0/@v/v$1.zip"`;
  return {
    name: `gateway-api-${version}`,
    files: { 'unpack.go': unpack },
    commands: [
      ['sh', '-c', `exec ${fetch}`, module, version],
      ['sh', '-c', 'exec go run unpack.go module.zip "$0" "$1" "$OUT/crd"', sum, `${module}@v${version}/config/crd/`],
      ['sh', '-c', 'rm -f "$OUT"/crd/kustomization.yaml "$OUT"/crd/*/kustomization.yaml'],
    ],
  };
}

/** Arguments: a module's zip, its sum as in go.sum, and what is copied where. */
const unpack = `package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func main() {
	files := map[string][]byte{}
	var lines []string
	for _, file := range must(zip.OpenReader(os.Args[1])).File {
		files[file.Name] = must(io.ReadAll(must(file.Open())))
		lines = append(lines, fmt.Sprintf("%s\\x00%x  %s\\n", file.Name, sha256.Sum256(files[file.Name]), file.Name))
	}
	sort.Strings(lines)
	var text bytes.Buffer
	for _, line := range lines {
		text.WriteString(line[strings.IndexByte(line, 0)+1:])
	}
	sum := sha256.Sum256(text.Bytes())
	if found := "h1:" + base64.StdEncoding.EncodeToString(sum[:]); found != os.Args[2] {
		log.Fatalf("%s has the sum %s, not %s: correct test/cluster/versions.ts or GOPROXY", os.Args[1], found, os.Args[2])
	}
	for name, content := range files {
		if rest, ok := strings.CutPrefix(name, os.Args[3]); ok {
			target := filepath.Join(os.Args[4], filepath.FromSlash(rest))
			must(0, os.MkdirAll(filepath.Dir(target), 0o755))
			must(0, os.WriteFile(target, content, 0o644))
		}
	}
}
`;
