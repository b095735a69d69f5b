import { type DescField, type DescMessage, isFieldSet, type Message } from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';
import { file_heddle_v1_routing as file } from './generated/heddle/v1/routing_pb.ts';
import type { NewerPart } from './newer.ts';

/** A newer part where it may stand: in a field, with this value if only that one is newer. */
export type PlacedPart = {
  readonly part: NewerPart<string>;
  readonly message: DescMessage;
  readonly field: DescField;
  readonly value: number | string | undefined;
};

/** Newer parts by the name of the message that they stand in, and the names of the messages that have any, at any depth. */
export type NewerIndex = {
  readonly byMessage: ReadonlyMap<string, readonly PlacedPart[]>;
  readonly reaching: ReadonlySet<string>;
};

/** Finds each part in the messages. Throws for one that they do not have. */
export function indexNewerParts(parts: readonly NewerPart<string>[]): NewerIndex {
  const placed = parts.flatMap((part) => {
    const places = placesOf(part);
    if (places.length === 0) throw new Error(`heddle.v1 has no ${part.part}`);
    return places;
  });
  const byMessage = Map.groupBy(placed, ({ message }) => message.typeName);
  const reaching = file.messages.filter((message) => within(message).some(({ typeName }) => byMessage.has(typeName)));
  return { byMessage, reaching: new Set(reaching.map(({ typeName }) => typeName)) };
}

/** Whether a message has a part in it. */
export function has(message: Message, { message: schema, field, value }: PlacedPart): boolean {
  return isFieldSet(message, field) && (value === undefined || reflect(schema, message).get(field) === value);
}

function placesOf(part: NewerPart<string>): readonly PlacedPart[] {
  const [owner, name = '', text] = part.part.split(/[.=]/);
  const number = file.enums.find((each) => each.name === owner)?.values.find((each) => each.name === name)?.number;
  return file.messages.flatMap((message) => {
    const fields = message.fields.filter((field) =>
      number === undefined ? message.name === owner && field.name === name : field.enum?.name === owner,
    );
    return fields.map((field) => ({ part, message, field, value: number ?? valueOf(field, text) }));
  });
}

/** Of an enum's field, the number of a value by its name. Throws for a name that the enum does not have. */
function valueOf({ enum: values }: DescField, text: string | undefined): number | string | undefined {
  if (values === undefined || text === undefined) return text;
  const value = values.values.find(({ name }) => name === text);
  if (value === undefined) throw new Error(`heddle.v1 has no ${values.name}.${text}`);
  return value.number;
}

/** The message and all that may stand in it. */
function within(message: DescMessage): readonly DescMessage[] {
  return [message, ...message.fields.flatMap((field) => (field.message === undefined ? [] : within(field.message)))];
}
