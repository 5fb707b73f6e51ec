/** One message laid over another as protobuf's MergeFrom does it: scalars replace, messages merge, lists are appended, entries of maps replace. */
import { messageType, nameOfTypeUrl, type AnyMessage, type Field, type MessageType } from '../tables/index.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** Both are left as they are. */
export function merged(type: MessageType, base: Fields, over: Fields): Fields {
  const result: Record<string, unknown> = { ...base };
  for (const [name, value] of Object.entries(over)) {
    const field = type.byName.get(name);
    if (field === undefined || value === undefined) continue;
    if (field.oneof !== undefined)
      for (const other of type.fields) if (other.oneof === field.oneof && other !== field) delete result[other.name];
    result[name] = mergedField(field, result[name], value);
  }
  return result;
}

function mergedField(field: Field, base: unknown, over: unknown): unknown {
  if (base === undefined) return over;
  if (field.mapKey !== undefined)
    return new Map([...(base as ReadonlyMap<unknown, unknown>), ...(over as ReadonlyMap<unknown, unknown>)]);
  if (field.repeated) return [...(base as readonly unknown[]), ...(over as readonly unknown[])];
  return field.kind === 'message' ? mergedMessage(field.message, base, over) : over;
}

function mergedMessage(type: MessageType, base: unknown, over: unknown): unknown {
  if (type.form === 'fields') return merged(type, base as Fields, over as Fields);
  if (type.form !== 'any') return over;
  const [below, above] = [base as AnyMessage, over as AnyMessage];
  const inner = messageType(nameOfTypeUrl(above.type_url));
  // Of another type: it is another extension.
  if (nameOfTypeUrl(below.type_url) !== inner?.name || inner.form !== 'fields') return over;
  if (below.message === undefined || above.message === undefined) return over;
  return { type_url: above.type_url, message: merged(inner, below.message as Fields, above.message as Fields) };
}
