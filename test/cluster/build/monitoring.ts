import { versions } from '../versions.ts';
import type { Recipe } from './recipe.ts';

/** `promtool` of Debian's Prometheus (19 MB), which is not installed: its package would start a server. */
export function promtoolRecipe(): Recipe {
  const unpack =
    'apt-get download prometheus && dpkg -x prometheus_*.deb unpacked && cp unpacked/usr/bin/promtool "$OUT"';
  return { name: 'promtool', commands: [['sh', '-c', unpack]] };
}

/** The definitions of the Prometheus operator, as its module has them, in the folder `crd`. */
export function prometheusOperatorRecipe(): Recipe {
  const version = versions.prometheusOperator;
  const module = 'github.com/prometheus-operator/prometheus-operator';
  const copy = 'cp -r --no-preserve=mode "$(go list -m -f {{.Dir}} "$0")/example/prometheus-operator-crd" "$OUT/crd"';
  return {
    name: `prometheus-operator-${version}`,
    files: { 'go.mod': `module local/crds\n\ngo 1.26.0\n\nrequire ${module} v${version}\n` },
    commands: [
      ['go', 'mod', 'download', `${module}@v${version}`],
      ['sh', '-c', copy, module],
    ],
  };
}
