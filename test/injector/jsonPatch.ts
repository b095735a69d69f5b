type Operation = { readonly op: string; readonly path: string; readonly value?: unknown };

/** RFC 6902, the operations add, replace and remove; throws where the RFC says that an operation is an error. */
export function applyPatch(document: unknown, operations: readonly Operation[]): unknown {
  let root = structuredClone(document);
  for (const { op, path, value } of operations) {
    const steps = path
      .split('/')
      .slice(1)
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = steps.pop();
    if (last === undefined) {
      root = value;
      continue;
    }
    let parent = root;
    for (const step of steps) parent = child(parent, step);
    if (Array.isArray(parent)) changeList(parent, op, { at: last, value });
    else changeObject(parent, op, { key: last, value });
  }
  return root;
}

function child(parent: unknown, step: string): unknown {
  if (typeof parent !== 'object' || parent === null || !(step in parent)) throw new Error(`no member ${step}`);
  return (parent as Record<string, unknown>)[step];
}

function changeList(list: unknown[], op: string, { at, value }: { at: string; value: unknown }): void {
  const index = at === '-' && op === 'add' ? list.length : /^(?:0|[1-9]\d*)$/.test(at) ? Number(at) : -1;
  if (index < 0 || index > list.length - (op === 'add' ? 0 : 1)) throw new Error(`no element ${at}`);
  if (op === 'add') list.splice(index, 0, structuredClone(value));
  else if (op === 'replace') list[index] = structuredClone(value);
  else if (op === 'remove') list.splice(index, 1);
  else throw new Error(`unknown operation ${op}`);
}

function changeObject(object: unknown, op: string, { key, value }: { key: string; value: unknown }): void {
  if (typeof object !== 'object' || object === null) throw new Error(`${key} of what is no object`);
  const members = object as Record<string, unknown>;
  if (op !== 'add' && !Object.hasOwn(members, key)) throw new Error(`no member ${key}`);
  if (op === 'remove') delete members[key];
  else if (op === 'add' || op === 'replace') members[key] = structuredClone(value);
  else throw new Error(`unknown operation ${op}`);
}
