import { X509Certificate } from 'node:crypto';
import { agentSecret, caSecret, injectorName, trustConfigMap } from '../../contract/objects.ts';
import { caFile } from '../../contract/trustVolume.ts';
import { fieldsOf, type JsonObject, objectsOf, textOf } from '../../runtime/json.ts';
import { meshNamespaces, nameOf } from '../cluster/objects.ts';
import { count, some } from '../output/words.ts';
import type { Facts } from './facts.ts';
import { type Finding, good } from './finding.ts';

/** Whether the API server can ask the injectors, and whether certificates hold. */
export function checkTrust(facts: Facts): readonly Finding[] {
  const { webhook, injectors, refused } = facts;
  if (webhook === undefined) {
    if (injectors === undefined || refused.some((one) => one.startsWith('webhook'))) return [];
    return [
      {
        check: 'webhook',
        level: 'bad',
        what: `there is no webhook configuration ${injectorName}`,
        why: 'new pods come without a sidecar',
        mend: ['heddle upgrade --apply'],
      },
    ];
  }
  const bundles = [...new Set(objectsOf(webhook['webhooks']).map(bundleIn))];
  const [bundle = ''] = bundles;
  if (bundles.length !== 1 || bundle === '')
    return [
      {
        check: 'webhook',
        level: 'bad',
        what: bundle === '' ? 'it has no CA' : 'its parts have different CAs',
        why: 'the injectors write it, and have not done so: the API server cannot ask them, and refuses pods that want a sidecar',
        mend: [`kubectl -n ${facts.namespace} logs -l app.kubernetes.io/name=${injectorName} --tail 20`],
      },
    ];
  return [
    ...checkLeads(webhook, facts),
    ...checkAuthorities(bundle, facts),
    ...checkAgentCertificate(facts),
    ...checkConfigMaps(bundle, facts),
  ];
}

function bundleIn({ clientConfig }: JsonObject): string {
  const { caBundle } = fieldsOf(clientConfig);
  return typeof caBundle === 'string' ? Buffer.from(caBundle, 'base64').toString().trim() : '';
}

function checkLeads(webhook: JsonObject, { namespace }: Facts): readonly Finding[] {
  const led = objectsOf(webhook['webhooks']).map(({ clientConfig }) =>
    textOf(fieldsOf(fieldsOf(clientConfig)['service']), 'namespace'),
  );
  if (led.every((one) => one === namespace)) return [good('webhook', 'it has its CA')];
  return [
    {
      check: 'webhook',
      level: 'bad',
      what: `it leads to ${some([...new Set(led.map(String))])}, not to ${namespace}`,
      why: 'two installations have written the one configuration that a cluster has',
      mend: ['heddle uninstall in the one that is not meant, then heddle upgrade --apply in the other'],
    },
  ];
}

type Certificate = { readonly from: number; readonly to: number; readonly isAuthority: boolean };

function readCertificates(pem: string): readonly Certificate[] {
  return (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).flatMap((block) => {
    try {
      const { validFromDate, validToDate, ca } = new X509Certificate(block);
      return [{ from: validFromDate.getTime(), to: validToDate.getTime(), isAuthority: ca }];
    } catch {
      return [];
    }
  });
}

/** Renewed at two thirds of its life: what has less than a quarter left was not. */
const late = 3 / 4;

function judgeLife(check: string, newest: Certificate | undefined, facts: Facts): Finding {
  const { nowMs, namespace } = facts;
  const mend = [`kubectl -n ${namespace} logs -l app.kubernetes.io/name=${injectorName} --tail 20`];
  if (newest === undefined)
    return { check, level: 'bad', what: 'none can be read', why: 'the injectors write it', mend };
  const until = new Date(newest.to).toISOString().slice(0, 16).replace('T', ' ');
  if (nowMs >= newest.to)
    return { check, level: 'bad', what: `expired ${until}`, why: 'the injectors renew it, and have not done so', mend };
  if (nowMs >= newest.from + (newest.to - newest.from) * late)
    return {
      check,
      level: 'warning',
      what: `good until ${until}`,
      why: 'it should have been renewed at two thirds of its life',
      mend,
    };
  return good(check, `good until ${until}`);
}

function newestOf(certificates: readonly Certificate[]): Certificate | undefined {
  return certificates.toSorted((one, other) => other.to - one.to)[0];
}

function checkAuthorities(bundle: string, facts: Facts): readonly Finding[] {
  const authorities = readCertificates(bundle).filter(({ isAuthority }) => isAuthority);
  const found = judgeLife('CA', newestOf(authorities), facts);
  const several = authorities.length > 1 ? `; ${authorities.length} are trusted` : '';
  return [{ ...found, what: `${found.what}${several}` }];
}

function checkAgentCertificate(facts: Facts): readonly Finding[] {
  const { agentSecret: secret, refused, injectors } = facts;
  if (secret === undefined) {
    if (injectors === undefined || refused.some((one) => one.startsWith('Secret'))) return [];
    return [
      {
        check: "agents' certificate",
        level: 'bad',
        what: `there is no Secret ${agentSecret}`,
        why: `the injectors write it from the CA in Secret ${caSecret}; until then agents wait in ContainerCreating`,
        mend: [`kubectl -n ${facts.namespace} logs -l app.kubernetes.io/name=${injectorName} --tail 20`],
      },
    ];
  }
  const pem = textOf(fieldsOf(secret['data']), 'tls.crt') ?? '';
  const [own] = readCertificates(Buffer.from(pem, 'base64').toString());
  return [judgeLife("agents' certificate", own, facts)];
}

/** By them sidecars trust agents. */
function checkConfigMaps(bundle: string, facts: Facts): readonly Finding[] {
  const { configMaps } = facts;
  const wanted = [...meshNamespaces(facts)];
  if (configMaps === undefined || wanted.length === 0) return [];
  const texts = new Map(
    configMaps.map((one) => [nameOf(one), (textOf(fieldsOf(one['data']), caFile) ?? '').trim()] as const),
  );
  const wrong = wanted.filter((name) => texts.get(`${name}/${trustConfigMap}`) !== bundle).toSorted();
  if (wrong.length === 0) return [good('trust', `${count(wanted.length, 'namespace')} with the present CA`)];
  return [
    {
      check: 'trust',
      level: 'bad',
      what: `ConfigMap ${trustConfigMap} is missing or old in ${some(wrong)}`,
      why: 'the injectors write it; sidecars there cannot know the agents by it',
      mend: [`kubectl -n ${facts.namespace} logs -l app.kubernetes.io/name=${injectorName} --tail 20`],
    },
  ];
}
