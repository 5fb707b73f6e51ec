/**
 * Messages as the codec holds them: plain objects with the fields' protobuf names. Absent is `undefined` or no key at all; a scalar
 * without presence that equals its default is absent. Enumerations are their names, wrappers their bare value, `Struct` and `Value`
 * plain JSON, maps a Map, `bytes` a Uint8Array; 64-bit numbers are a number where that is exact, else a bigint.
 */
import type { Messages } from './generated/messages.ts';

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** google.protobuf.Any: of a type in the tables, opened; of another type, its bytes. */
export interface AnyMessage {
  readonly type_url: string;
  readonly message?: object | JsonValue | bigint | undefined;
  readonly value?: Uint8Array | undefined;
}

export type MessageName = keyof Messages;

/** A type URL as Envoy writes it. */
export const typeUrl = (name: string): string => `type.googleapis.com/${name}`;

/** The message name in a type URL: what follows the last slash. */
export const nameOfTypeUrl = (url: string): string => url.slice(url.lastIndexOf('/') + 1);

/** An Any of a known message. */
export const pack = <Name extends MessageName>(name: Name, message: Messages[Name]): AnyMessage => ({
  type_url: typeUrl(name),
  message,
});

/** The message in `any` when it is of that type. */
export function unpack<Name extends MessageName>(name: Name, any: AnyMessage): Messages[Name] | undefined {
  const opened = any.message;
  return nameOfTypeUrl(any.type_url) === name && opened !== undefined ? (opened as Messages[Name]) : undefined;
}
