import { versions } from '../versions.ts';
import type { Recipe } from './recipe.ts';

const go = ['go', 'build', '-trimpath', '-ldflags', '-s -w'] as const;
const goVersion = '1.26.0';

/** The modules that k8s.io/kubernetes replaces by folders of its own repository; their published versions must stand in. */
const staging = [
  'api apiextensions-apiserver apimachinery apiserver cli-runtime client-go cloud-provider cluster-bootstrap code-generator',
  'component-base component-helpers controller-manager cri-api cri-client cri-streaming csi-translation-lib',
  'dynamic-resource-allocation endpointslice externaljwt kms kube-aggregator kube-controller-manager kube-proxy',
  'kube-scheduler kubectl kubelet metrics mount-utils pod-security-admission sample-apiserver sample-cli-plugin',
  'sample-controller streaming',
].flatMap((line) => line.split(' '));

/** kube-apiserver, kube-controller-manager, kube-scheduler, kube-proxy, kubelet, kubectl. Near 5 minutes on two cores. */
export function kubernetesRecipe(): Recipe {
  const version = versions.kubernetes;
  const ofModules = version.replace(/^1/, '0');
  const [major, minor] = version.split('.');
  const names = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy', 'kubelet', 'kubectl'];
  const packages = names.map((name) => `k8s.io/kubernetes/cmd/${name}`);
  const base = 'k8s.io/component-base/version';
  const flags = `-s -w -X ${base}.gitVersion=v${version} -X ${base}.gitMajor=${major} -X ${base}.gitMinor=${minor}`;
  const replace = staging.map((name) => `\tk8s.io/${name} => k8s.io/${name} v${ofModules}`).join('\n');
  return {
    name: `kubernetes-${version}`,
    files: {
      'go.mod': `module local/kubernetes\n\ngo ${goVersion}\n\nrequire k8s.io/kubernetes v${version}\n\nreplace (\n${replace}\n)\n`,
    },
    commands: [
      // Without the version, go would raise Kubernetes to its newest.
      ['go', 'get', '-tool', ...packages.map((name) => `${name}@v${version}`)],
      ['sh', '-c', 'exec go build -trimpath -ldflags "$0" -o "$OUT/" "$@"', flags, ...packages],
    ],
  };
}

/** etcd; Debian's is too old for Kubernetes 1.36. Half a minute. */
export function etcdRecipe(): Recipe {
  return {
    name: `etcd-${versions.etcd}`,
    files: { 'go.mod': `module local/etcd\n\ngo ${goVersion}\n` },
    commands: [
      ['go', 'get', '-tool', `go.etcd.io/etcd/server/v3@v${versions.etcd}`],
      ['sh', '-c', 'exec "$@" -o "$OUT/etcd" go.etcd.io/etcd/server/v3', 'sh', ...go],
    ],
  };
}

/** CoreDNS, static: its image holds nothing else. Two minutes. */
export function corednsRecipe(): Recipe {
  return {
    name: `coredns-${versions.coredns}`,
    files: { 'go.mod': `module local/coredns\n\ngo ${goVersion}\n` },
    env: { CGO_ENABLED: '0' },
    commands: [
      ['go', 'get', '-tool', `github.com/coredns/coredns@v${versions.coredns}`],
      ['sh', '-c', 'exec "$@" -o "$OUT/coredns" github.com/coredns/coredns', 'sh', ...go],
    ],
  };
}

/** `server` and `client` of the image that the mesh conformance manifests name. A minute. */
export function echoRecipe(): Recipe {
  const echo = 'istio.io/istio/pkg/test/echo/cmd';
  const mod = [
    `module local/echo\n\ngo ${goVersion}\n\nrequire istio.io/istio v${versions.istio}\n`,
    'replace github.com/imdario/mergo => github.com/imdario/mergo v0.3.5\n',
  ];
  return {
    name: 'conformance-echo',
    files: {
      'go.mod': mod.join('\n'),
      'tools.go': `//go:build tools\n\npackage tools\n\nimport (\n\t_ "${echo}/client"\n\t_ "${echo}/server"\n)\n`,
    },
    env: { CGO_ENABLED: '0' },
    commands: [
      ['go', 'mod', 'tidy'],
      ['sh', '-c', 'exec "$@" -o "$OUT/" "$0/server" "$0/client"', echo, ...go],
    ],
  };
}

/** The official conformance suite as one program, `conformance.test`. A minute and a half. */
export function conformanceRecipe(): Recipe {
  const version = versions.gatewayApi;
  const module = 'sigs.k8s.io/gateway-api';
  return {
    name: `conformance-suite-${version}`,
    files: {
      'go.mod': `module local/conformance\n\ngo ${goVersion}\n\nrequire (\n\t${module} v${version}\n\t${module}/conformance v${version}\n)\n`,
      'conformance_test.go': `package conformance\n\nimport (\n\t"testing"\n\n\t"${module}/conformance"\n)\n\nfunc TestConformance(t *testing.T) { conformance.RunConformance(t) }\n`,
    },
    commands: [
      ['go', 'mod', 'tidy'],
      ['sh', '-c', 'exec go test -c -o "$OUT/conformance.test" .'],
    ],
  };
}

/** The Gateway API's CRDs, in folders `standard` and `experimental`, and the manifests of the mesh conformance tests. */
export function gatewayApiRecipe(): Recipe {
  const version = versions.gatewayApi;
  const copy = 'cp -r --no-preserve=mode "$(go list -m -f {{.Dir}} "$0")/$1" "$OUT/$2"';
  return {
    name: `gateway-api-${version}`,
    files: { 'go.mod': `module local/crds\n\ngo ${goVersion}\n` },
    commands: ['sigs.k8s.io/gateway-api', 'sigs.k8s.io/gateway-api/conformance'].flatMap((module, index) => [
      ['go', 'mod', 'edit', '-require', `${module}@v${version}`],
      ['go', 'mod', 'download', `${module}@v${version}`],
      index === 0
        ? ['sh', '-c', `${copy} && rm "$OUT"/crd/*/kustomization.yaml`, module, 'config/crd', 'crd']
        : ['sh', '-c', copy, module, 'mesh/manifests.yaml', 'mesh.yaml'],
    ]),
  };
}
