/**
 * A YAML node as a JSON value, with what JSON cannot say reported: duplicate and complex keys, tags, bombs of aliases, words that
 * YAML 1.1 (kubectl) reads differently. Bounded by LIMITS; never throws.
 */
import { isAlias, isCollection, isMap, isPair, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from 'yaml';
import { MAX_VIOLATIONS } from '../schema/violations.ts';
import type { FieldPath } from '../schema/path.ts';
import { quoted } from '../schema/printable.ts';
import { LIMITS } from './limits.ts';

export interface Finding {
  readonly severity: 'error' | 'warning';
  readonly code: string;
  readonly message: string;
  readonly remedy: string | undefined;
  readonly path: FieldPath;
  /** Where, when the path does not say it. */
  readonly offset: number | undefined;
}

/** Words that are true or false in YAML 1.1 and text in YAML 1.2. */
const WORDS_OF_1_1 = /^(?:y|yes|on|n|no|off)$/i;
/** A whole number with a leading zero: octal in YAML 1.1, decimal in YAML 1.2. */
const LEADING_ZERO = /^[-+]?0\d+$/;

export class ValueReader {
  readonly findings: Finding[] = [];
  readonly #anchors = new Map<string, Node>();
  /** Anchors whose node is being read: an alias to one of them would never end. */
  readonly #open = new Set<Node>();
  #values = 0;
  #stopped = false;

  /** The value of a document's root; undefined for a document without content. */
  read(node: Node | null, path: FieldPath = []): unknown {
    return this.#value(node, path, 0);
  }

  #report(
    code: string,
    path: FieldPath,
    message: string,
    remedy?: string,
    node?: Node,
    severity: 'error' | 'warning' = 'error',
  ): void {
    if (this.findings.length < MAX_VIOLATIONS) {
      this.findings.push({ severity, code, message, remedy, path, offset: node?.range?.[0] });
    } else if (!this.#stopped) this.#tooMany(node);
  }

  /** Says once that there are more findings, and reads nothing more. */
  #tooMany(node: Node | undefined): void {
    this.#stopped = true;
    const message = `there are more: only the first ${MAX_VIOLATIONS} are shown`;
    this.findings.push({
      severity: 'error',
      code: 'more-findings',
      message,
      remedy: undefined,
      path: [],
      offset: node?.range?.[0],
    });
  }

  /** Reports once that a limit is passed and reads nothing more. */
  #stop(path: FieldPath, message: string): undefined {
    if (!this.#stopped) this.#report('too-large', path, message);
    this.#stopped = true;
    return undefined;
  }

  #value(node: Node | null, path: FieldPath, depth: number): unknown {
    if (this.#stopped) return undefined;
    this.#values += 1;
    if (this.#values > LIMITS.values)
      return this.#stop(path, `more than ${LIMITS.values} values, aliases counted as often as used`);
    if (depth > LIMITS.depth) return this.#stop(path, `nested deeper than ${LIMITS.depth}`);
    if (node === null) return null;
    if (isAlias(node)) return this.#alias(node.source, node, path, depth);
    if (!isScalar(node) && !isCollection(node)) return undefined;
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (isScalar(node)) return this.#scalar(node, path);
    if (node.tag !== undefined && node.tag !== 'tag:yaml.org,2002:map' && node.tag !== 'tag:yaml.org,2002:seq') {
      this.#report('unsupported-tag', path, `the tag ${quoted(node.tag)} has no meaning here`, 'remove it', node);
    }
    this.#open.add(node);
    const value = isMap(node)
      ? this.#map(node, path, depth)
      : isSeq(node)
        ? node.items.map((item, index) => this.#value(asNode(item), [...path, index], depth + 1))
        : undefined;
    this.#open.delete(node);
    return value;
  }

  #alias(name: string, alias: Node, path: FieldPath, depth: number): unknown {
    const target = this.#anchors.get(name);
    if (target === undefined) {
      this.#report(
        'unknown-alias',
        path,
        `no anchor ${quoted(`&${name}`)} before this alias`,
        'write the value out',
        alias,
      );
      return undefined;
    }
    if (this.#open.has(target)) {
      this.#report(
        'endless-alias',
        path,
        `${quoted(`*${name}`)} stands within the value it repeats`,
        'write the value out',
        alias,
      );
      return undefined;
    }
    return this.#value(target, path, depth + 1);
  }

  #scalar(node: Scalar, path: FieldPath): unknown {
    const { value, source, type } = node;
    if (node.tag !== undefined && !/^tag:yaml\.org,2002:(?:str|int|float|bool|null)$/.test(node.tag)) {
      this.#report('unsupported-tag', path, `the tag ${quoted(node.tag)} has no meaning here`, 'remove it', node);
    }
    if (type === 'PLAIN' && typeof value === 'string' && WORDS_OF_1_1.test(value)) {
      this.#report(
        'yaml-1.1-word',
        path,
        `\`${value}\` is text here and a boolean to kubectl`,
        'put it in quotes, or write `true` or `false`',
        node,
        'warning',
      );
    }
    if (type === 'PLAIN' && typeof value === 'number' && source !== undefined && LEADING_ZERO.test(source)) {
      this.#report(
        'yaml-1.1-octal',
        path,
        `\`${source.slice(0, 32)}\` is decimal here and octal to kubectl`,
        'remove the leading zero',
        node,
        'warning',
      );
    }
    const json = value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    return json ? value : String(value);
  }

  #map(node: YAMLMap<unknown, unknown>, path: FieldPath, depth: number): unknown {
    const entries = new Map<string, unknown>();
    for (const pair of node.items) {
      if (!isPair(pair)) continue;
      const key = this.#key(asNode(pair.key), path);
      if (key === undefined) continue;
      const at = [...path, key];
      if (entries.has(key)) {
        this.#report('duplicate-key', at, `${quoted(key)} is there twice`, 'remove one', asNode(pair.key) ?? undefined);
        continue;
      }
      entries.set(key, this.#value(asNode(pair.value), at, depth + 1));
    }
    return Object.fromEntries(entries);
  }

  #key(node: Node | null, path: FieldPath): string | undefined {
    if (node !== null && isScalar(node)) {
      if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
      if (node.value === '<<' && node.type === 'PLAIN') {
        this.#report(
          'unsupported-merge-key',
          path,
          '`<<` is not supported: it is no part of YAML 1.2',
          'write the fields out',
          node,
        );
        return undefined;
      }
      if (node.type === 'PLAIN' && typeof node.value === 'string' && WORDS_OF_1_1.test(node.value)) {
        this.#report(
          'yaml-1.1-word',
          [...path, node.value],
          `\`${node.value}\` is text here and a boolean to kubectl`,
          'put it in quotes',
          node,
          'warning',
        );
      }
      return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
    }
    this.#report('complex-key', path, 'a key must be text', 'write a plain word before the `:`', node ?? undefined);
    return undefined;
  }
}

/** The library types children as `unknown`. */
export function asNode(value: unknown): Node | null {
  return isScalar(value) || isCollection(value) || isAlias(value) ? value : null;
}
