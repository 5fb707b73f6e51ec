/**
 * The headers of one message as filters and mutations see them: the fields that arrived (kept as bytes, dropped by mark) and the ones
 * added here. One object serves all messages of a slot: `reset` before each. Names are lower case everywhere.
 */
import type { HpackEncoder, OctetWriter } from '@weft/wire/hpack';
import { type ByteWriter, type FieldBlock, type HeaderName, headerName, KNOWN, writeFields } from '@weft/wire/http1';

/** Names come from configuration and log formats, so they are bounded; the cap is for whoever asks with names of a peer. */
const MAX_PREPARED = 4096;
const prepared = new Map<string, HeaderName | undefined>();

/** A name prepared for lookups; undefined for what is no header name. */
export function preparedName(name: string): HeaderName | undefined {
  const known = prepared.get(name);
  if (known !== undefined || prepared.has(name)) return known;
  const made = headerName(name);
  if (prepared.size < MAX_PREPARED) prepared.set(name, made);
  return made;
}

/** Lists of names that many requests are asked for, prepared. */
const preparedLists = new WeakMap<readonly string[], readonly (HeaderName | undefined)[]>();

function preparedNames(names: readonly string[]): readonly (HeaderName | undefined)[] {
  let made = preparedLists.get(names);
  if (made === undefined) preparedLists.set(names, (made = names.map(preparedName)));
  return made;
}

/** All values of a field joined by `,`; '' when it is absent. */
export function headerText(fields: FieldBlock, name: string): string {
  const wanted = preparedName(name);
  return (wanted === undefined ? undefined : fields.joined(wanted)) ?? '';
}

export class HeaderEdit {
  fields: FieldBlock | undefined;
  readonly #names: string[] = [];
  readonly #values: string[] = [];
  /** Entries of the two arrays that count: setting `length` is a runtime call. */
  #count = 0;

  reset(fields: FieldBlock | undefined): void {
    this.fields = fields;
    this.#count = 0;
  }

  /** All values joined by `,`; undefined when absent. */
  get(name: string): string | undefined {
    let text = this.#arrived(name);
    for (let index = 0; index < this.#count; index += 1) {
      if (this.#names[index] !== name) continue;
      const value = this.#values[index] as string;
      text = text === undefined ? value : `${text},${value}`;
    }
    return text;
  }

  /** The last value that was added here; undefined without one. */
  added(name: string): string | undefined {
    for (let index = this.#count - 1; index >= 0; index -= 1)
      if (this.#names[index] === name) return this.#values[index];
    return undefined;
  }

  /** The index-th value, counting from 0; undefined behind the last. */
  value(name: string, index: number): string | undefined {
    let left = index;
    const wanted = preparedName(name);
    if (this.fields !== undefined && wanted !== undefined) {
      for (let at = this.fields.find(wanted); at >= 0; at = this.fields.find(wanted, at + 1)) {
        if (left === 0) return this.fields.value(at);
        left -= 1;
      }
    }
    for (let at = 0; at < this.#count; at += 1) {
      if (this.#names[at] !== name) continue;
      if (left === 0) return this.#values[at];
      left -= 1;
    }
    return undefined;
  }

  has(name: string): boolean {
    const wanted = preparedName(name);
    return (this.fields !== undefined && wanted !== undefined && this.fields.find(wanted) >= 0) || this.#isAdded(name);
  }

  /** The first of these names, from position `from` on, that may be there, pseudo-headers always; -1: none. */
  nextPresent(names: readonly string[], from: number): number {
    const wanted = preparedNames(names);
    for (let at = from; at < wanted.length; at += 1) {
      const name = wanted[at];
      if (name === undefined || (this.fields !== undefined && this.fields.find(name) >= 0)) return at;
      if (this.#count > 0 && this.#isAdded(name.text)) return at;
    }
    return -1;
  }

  remove(name: string): void {
    const wanted = preparedName(name);
    if (this.fields !== undefined && wanted !== undefined) this.fields.dropAll(wanted);
    if (this.#count > 0) this.#removeAdded(name);
  }

  /** Appends a field; other fields of that name stay. The value must hold no control character. */
  add(name: string, value: string): void {
    this.#names[this.#count] = name;
    this.#values[this.#count] = value;
    this.#count += 1;
  }

  /** The only field of that name. */
  set(name: string, value: string): void {
    this.remove(name);
    this.add(name, value);
  }

  /** The same of a name that was prepared. */
  setPrepared(name: HeaderName, value: string): void {
    this.fields?.dropAll(name);
    if (this.#count > 0) this.#removeAdded(name.text);
    this.add(name.text, value);
  }

  /** Every field in its order; a name comes as often as it stands there. */
  each(take: (name: string, value: string) => void): void {
    const { fields } = this;
    if (fields !== undefined)
      for (let index = 0; index < fields.count; index += 1)
        if (!fields.dropped(index)) take(fields.name(index).toLowerCase(), fields.value(index));
    for (let index = 0; index < this.#count; index += 1)
      take(this.#names[index] as string, this.#values[index] as string);
  }

  /** Header lines, without the empty one that ends them. */
  write(out: ByteWriter): void {
    if (this.fields !== undefined) writeFields(out, this.fields);
    for (let index = 0; index < this.#count; index += 1)
      out.field(this.#names[index] as string, this.#values[index] as string);
  }

  /** The fields as a part of an HTTP/2 header block; `host` stays out, as it travels as a pseudo-header. */
  encode(encoder: HpackEncoder, out: OctetWriter): void {
    const { fields } = this;
    if (fields !== undefined) {
      const { bytes, count, loaded } = fields;
      const entries = loaded === undefined ? undefined : encoder.entriesOf(loaded);
      for (let index = 0; index < count; index += 1) {
        if (fields.dropped(index) || fields.known(index) === KNOWN.host) continue;
        const entry = entries?.[index];
        if (entry !== undefined && encoder.again(out, entry)) continue;
        const start = fields.valueStart(index);
        encoder.field(
          out,
          bytes,
          fields.nameStart(index),
          fields.nameEnd(index),
          fields.nameHash(index),
          bytes,
          start,
          fields.valueEnd(index),
          fields.hash(index),
        );
        if (entries !== undefined) entries[index] = encoder.last;
      }
    }
    for (let index = 0; index < this.#count; index += 1) {
      const name = this.#names[index] as string;
      if (name !== 'host') encoder.text(out, name, this.#values[index] as string);
    }
  }

  /** Adds every field as it is now to another message. */
  copyTo(other: HeaderEdit): void {
    const { fields } = this;
    if (fields !== undefined)
      for (let index = 0; index < fields.count; index += 1)
        if (!fields.dropped(index)) other.add(fields.name(index).toLowerCase(), fields.value(index));
    for (let index = 0; index < this.#count; index += 1)
      other.add(this.#names[index] as string, this.#values[index] as string);
  }

  /** What was added so far; `truncate` goes back to it: additions of one try must not stay for the next. */
  get mark(): number {
    return this.#count;
  }

  truncate(mark: number): void {
    this.#count = mark;
  }

  #arrived(name: string): string | undefined {
    const wanted = preparedName(name);
    return wanted === undefined ? undefined : this.fields?.joined(wanted);
  }

  #isAdded(name: string): boolean {
    for (let index = 0; index < this.#count; index += 1) if (this.#names[index] === name) return true;
    return false;
  }

  #removeAdded(name: string): void {
    let kept = 0;
    for (let index = 0; index < this.#count; index += 1) {
      if (this.#names[index] === name) continue;
      if (kept !== index) {
        this.#names[kept] = this.#names[index] as string;
        this.#values[kept] = this.#values[index] as string;
      }
      kept += 1;
    }
    this.truncate(kept);
  }
}
