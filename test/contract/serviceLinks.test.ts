import test from 'ava';
import { agentSettings } from '../../agent/settings.ts';
import { injectorSettings } from '../../injector/settings.ts';
import { readSettings, type Setting } from '../../runtime/settings.ts';
import { initSettings } from '../../sidecar/intercept/settings.ts';
import { sidecarSettings } from '../../sidecar/settings.ts';

const programs: Readonly<Record<string, Readonly<Record<string, Setting<unknown>>>>> = {
  agent: agentSettings,
  injector: injectorSettings,
  init: initSettings,
  sidecar: sidecarSettings,
};

/** What the kubelet writes for a Service of the pod's namespace with one port. */
function linksOf(service: string, protocol: string): Record<string, string> {
  const name = service.toUpperCase().replaceAll('-', '_');
  const one = `${name}_PORT_80_${protocol.toUpperCase()}`;
  return {
    [`${name}_SERVICE_HOST`]: '10.96.0.1',
    [`${name}_SERVICE_PORT`]: '80',
    [`${name}_SERVICE_PORT_HTTP`]: '80',
    [`${name}_PORT`]: `${protocol}://10.96.0.1:80`,
    [one]: `${protocol}://10.96.0.1:80`,
    [`${one}_PROTO`]: protocol,
    [`${one}_PORT`]: '80',
    [`${one}_ADDR`]: '10.96.0.1',
  };
}

const madeByKubernetes = /_SERVICE_(?:HOST|PORT(?:_.+)?)$|_PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?$/;

for (const [program, settings] of Object.entries(programs)) {
  test(`${program}: no Service, whatever it is called, makes a setting`, (t) => {
    const variables = Object.values(settings).map(({ variable }) => variable);
    // Of `<NAME>_PORT` the value tells; the others have values as settings might.
    t.deepEqual(
      variables.filter((variable) => madeByKubernetes.test(variable)),
      [],
    );
    const needed = { HEDDLE_IMAGE: 'heddle:0.1.0' };
    const services = variables.flatMap((variable) => {
      const service = variable.toLowerCase().replaceAll('_', '-');
      return [service, service.replace(/-port$/, ''), service.replace(/-(?:addr|host|proto)[a-z]*$/, '')];
    });
    for (const protocol of ['tcp', 'udp', 'sctp']) {
      const links = Object.assign({}, ...services.map((service) => linksOf(service, protocol))) as Record<
        string,
        string
      >;
      t.deepEqual(readSettings(settings, { ...links, ...needed }), readSettings(settings, needed));
    }
  });
}
