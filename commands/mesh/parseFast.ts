import { type LocatedObject, parseFile, type ParsedFile } from '../../agent/files/parse.ts';
import { decodeObject } from '../../agent/objects/decode.ts';
import { objectKey } from '../../agent/objects/types.ts';
import { fieldsOf, textOf } from '../../runtime/json.ts';
import { type PlainDocument, readPlainYaml } from './plainYaml.ts';

/** What `parseFile` reads, many times faster where a file is written as most are. What is wrong it leaves to that to say. */
export function parseFast(text: string, namespace: string | undefined): ParsedFile {
  const documents = readPlainYaml(text);
  return (documents && decodeAll(documents, namespace)) ?? parseFile(text, namespace);
}

function decodeAll(documents: readonly PlainDocument[], namespace: string | undefined): ParsedFile | undefined {
  const objects = new Map<string, LocatedObject>();
  const ignored: string[] = [];
  for (const { value, line } of documents.flatMap(itemsOf)) {
    const decoded = decodeObject(value, namespace);
    if (!decoded.ok) return undefined;
    if ('ignored' in decoded) ignored.push(decoded.ignored);
    else {
      const key = objectKey(decoded.object);
      if (objects.has(key)) return undefined;
      objects.set(key, { object: decoded.object, line });
    }
  }
  return { ok: true, objects: [...objects.values()], ignored };
}

function itemsOf(document: PlainDocument): readonly PlainDocument[] {
  const { value, line } = document;
  const fields = fieldsOf(value);
  const { items } = fields;
  if (textOf(fields, 'kind')?.endsWith('List') !== true || !Array.isArray(items)) return [document];
  return items.map((item: unknown) => ({ value: item, line }));
}
