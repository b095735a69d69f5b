import { fieldsOf, type JsonObject, objectsOf, textOf, textsOf } from '../../runtime/json.ts';

const osLabels = ['kubernetes.io/os', 'beta.kubernetes.io/os'];

/** Whether a pod can only run on Windows: by its os, its nodeSelector, or every term of the node affinity it requires. */
export function needsWindows(spec: JsonObject): boolean {
  const os = textOf(fieldsOf(spec['os']), 'name');
  if (os !== undefined) return os === 'windows';
  const selector = fieldsOf(spec['nodeSelector']);
  if (osLabels.some((label) => selector[label] === 'windows')) return true;
  const affinity = fieldsOf(fieldsOf(spec['affinity'])['nodeAffinity']);
  const required = fieldsOf(affinity['requiredDuringSchedulingIgnoredDuringExecution']);
  const terms = objectsOf(required['nodeSelectorTerms']);
  return terms.length > 0 && terms.every((term) => objectsOf(term['matchExpressions']).some(demandsWindows));
}

function demandsWindows(expression: JsonObject): boolean {
  const values = textsOf(expression['values']);
  const isOs = osLabels.includes(textOf(expression, 'key') ?? '');
  return isOs && expression['operator'] === 'In' && values.length > 0 && values.every((value) => value === 'windows');
}
