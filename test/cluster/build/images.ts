import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { corednsRecipe, echoRecipe, gatewayApiRecipe } from './binaries.ts';
import { type ImagePlan, buildImage } from './image.ts';
import { obtain } from './recipe.ts';

/** The images of the cluster itself and of its tests, under the names that pods give. */
export const imageNames = {
  pause: 'heddle-test/pause:1',
  coredns: 'heddle-test/coredns:1',
  testApp: 'heddle-test-app:1',
} as const;

/** Builds what is not in the cache; gives the tars. */
export async function buildImages(): Promise<string[]> {
  const plans = [pausePlan(), await corednsPlan(), await echoPlan(), await testAppPlan()];
  const tars: string[] = [];
  for (const plan of plans) tars.push(await buildImage(plan));
  return tars;
}

/** What holds a pod's namespaces: it sleeps, buries orphans and ends when told. */
function pausePlan(): ImagePlan {
  return {
    name: imageNames.pause,
    files: {
      'go.mod': 'module local/pause\n\ngo 1.26.0\n',
      'main.go': `package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGCHLD)
	for received := range signals {
		if received != syscall.SIGCHLD {
			return
		}
		for {
			if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); pid <= 0 || err != nil {
				break
			}
		}
	}
}
`,
    },
    fill: `CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o "$ROOT/pause" .`,
    user: '65535:65535',
    entrypoint: ['/pause'],
  };
}

async function corednsPlan(): Promise<ImagePlan> {
  const folder = await obtain(corednsRecipe());
  return {
    name: imageNames.coredns,
    fill: `cp ${folder}/coredns "$ROOT/"`,
    user: '0:0',
    entrypoint: ['/coredns'],
  };
}

/** The echo image of the conformance suite, under the very name that its manifests give. */
async function echoPlan(): Promise<ImagePlan> {
  const binaries = await obtain(echoRecipe());
  const manifests = await readFile(join(await obtain(gatewayApiRecipe()), 'mesh.yaml'), 'utf8');
  const names = new Set(Array.from(manifests.matchAll(/^\s*image: (\S+)$/gm), ([, name]) => name ?? ''));
  const [name, ...others] = names;
  if (name === undefined || others.length > 0) throw new Error(`The mesh manifests name ${[...names].join(', ')}`);
  const key = '-keyout "$ROOT/cert.key" -out "$ROOT/cert.crt" -subj /CN=echo -addext subjectAltName=DNS:echo';
  return {
    name,
    fill: `
      mkdir -p "$ROOT/usr/local/bin"
      cp ${binaries}/server ${binaries}/client "$ROOT/usr/local/bin/"
      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 ${key}
      chmod 644 "$ROOT/cert.key"`,
    user: '1338:1338',
    entrypoint: ['/usr/local/bin/server'],
  };
}

const appsFolder = join(import.meta.dirname, '../apps');
const applets = 'sh cat cp date echo env false grep head id ip kill ls nc nslookup ping ps seq sleep tail true wc wget';

/** Our own applications for tests (`test/cluster/apps`), with curl and busybox. */
async function testAppPlan(): Promise<ImagePlan> {
  const names = (await readdir(appsFolder)).toSorted();
  const sources = names.map(async (file) => [file, await readFile(join(appsFolder, file), 'utf8')] as const);
  const hook = '--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr';
  return {
    name: imageNames.testApp,
    files: Object.fromEntries(await Promise.all(sources)),
    places: { NODE: process.execPath },
    fill: `
      mmdebstrap --quiet --variant=extract --include=base-files,busybox-static,curl,libatomic1,libstdc++6 ${hook} \\
        bookworm "$ROOT"
      rm -rf "$ROOT/usr/share/doc" "$ROOT/usr/share/man" "$ROOT/usr/share/locale" "$ROOT"/var/lib/apt/lists/*
      mkdir -p "$ROOT/usr/local/bin" "$ROOT/app"
      cp --dereference "$NODE" "$ROOT/usr/local/bin/node"
      for name in ${applets}; do ln -sf busybox "$ROOT/usr/bin/$name"; done
      echo 'app:x:1000:1000::/tmp:/bin/sh' > "$ROOT/etc/passwd"
      cp ./*.ts "$ROOT/app/"
      chmod -R a+rX "$ROOT/app"`,
    user: '1000:1000',
    entrypoint: ['/usr/local/bin/node', '/app/main.ts'],
    inputs: [process.version],
  };
}
