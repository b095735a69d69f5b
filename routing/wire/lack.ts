import { clearField, type Message } from '@bufbuild/protobuf';
import { has, type NewerIndex, type PlacedPart } from './newerIndex.ts';

const none: readonly string[] = [];

/** The capabilities that reading a message rightly needs, sorted. */
export function needsOf(message: Message, index: NewerIndex): readonly string[] {
  if (!index.reaching.has(message.$typeName)) return none;
  const needs = new Set<string>();
  addNeeds(message, index, needs);
  return needs.size === 0 ? none : [...needs].toSorted();
}

/** Asked of every message that an agent encodes: what cannot have a newer part in it is not looked into. */
function addNeeds(value: unknown, index: NewerIndex, needs: Set<string>): void {
  if (typeof value !== 'object' || value === null) return;
  if (isMessage(value)) {
    if (!index.reaching.has(value.$typeName)) return;
    for (const { part } of newerIn(value, index)) needs.add(part.needs);
  }
  for (const inner of Object.values(value)) addNeeds(inner, index, needs);
}

/** Newer parts, and the capabilities that a sidecar does not have of those that they need. */
export type Lack = { readonly index: NewerIndex; readonly missing: ReadonlySet<string> };

/** The part of a message itself, leaving aside the messages in it, for want of which it cannot be read. */
export function lackedIn(message: Message, { index, missing }: Lack): PlacedPart | undefined {
  return newerIn(message, index).find(({ part }) => part.without === 'fails' && missing.has(part.needs));
}

/** The part of a message or of any in it for want of which it cannot be read. */
export function lackedWithin(message: Message, lack: Lack): PlacedPart | undefined {
  for (const each of messagesIn(message)) {
    const lacked = lackedIn(each, lack);
    if (lacked !== undefined) return lacked;
  }
  return undefined;
}

/** Takes out of a message, and of all in it, what may be left out. */
export function leaveOut(message: Message, { index, missing }: Lack): void {
  for (const each of messagesIn(message)) {
    for (const { part, field } of newerIn(each, index)) {
      if (part.without === 'isLeftOut' && missing.has(part.needs)) clearField(each, field);
    }
  }
}

function newerIn(message: Message, index: NewerIndex): readonly PlacedPart[] {
  return index.byMessage.get(message.$typeName)?.filter((placed) => has(message, placed)) ?? [];
}

/** A message and all in it. */
function messagesIn(value: unknown): readonly Message[] {
  if (typeof value !== 'object' || value === null) return [];
  const below = Object.values(value).flatMap(messagesIn);
  return isMessage(value) ? [value, ...below] : below;
}

function isMessage(value: object): value is Message {
  return '$typeName' in value;
}
