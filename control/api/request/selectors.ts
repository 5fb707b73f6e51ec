/**
 * labelSelector (equality and set operators) and fieldSelector (metadata.name, metadata.namespace) of a list or watch, as Kubernetes
 * writes them: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 */
import { err, ok, type Result } from '@weft/core/kernel';
import type { StoredObject } from '@weft/core/resources';

export type Matches = (object: StoredObject) => boolean;

const MAX_SELECTOR = 4096;
const KEY = '((?:[a-z0-9.-]{1,253}\\/)?[A-Za-z0-9][-A-Za-z0-9_.]{0,62})';
const VALUE = '([-A-Za-z0-9_.]{0,63})';
const EQUALITY = new RegExp(`^${KEY}\\s*(==|=|!=)\\s*${VALUE}$`);
const SET = new RegExp(`^${KEY}\\s+(in|notin)\\s*\\(([-A-Za-z0-9_.,\\s]*)\\)$`);
const EXISTS = new RegExp(`^(!?)\\s*${KEY}$`);
const ORDER = new RegExp(`^${KEY}\\s*(>|<)\\s*(-?\\d{1,15})$`);

export function parseLabelSelector(text: string): Result<Matches, string> {
  if (text.length > MAX_SELECTOR) return err('labelSelector is too long');
  const tests: Matches[] = [];
  for (const requirement of split(text)) {
    const test = parseRequirement(requirement);
    if (test === undefined) return err(`labelSelector: cannot read ${JSON.stringify(requirement)}`);
    tests.push(test);
  }
  return ok((object) => tests.every((test) => test(object)));
}

/** At commas outside parentheses. */
function split(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (const char of text) {
    if (char === '(') depth += 1;
    if (char === ')') depth -= 1;
    if (char === ',' && depth === 0) {
      parts.push(part.trim());
      part = '';
    } else part += char;
  }
  if (part.trim() !== '' || parts.length > 0) parts.push(part.trim());
  return parts;
}

const label = (object: StoredObject, key: string): string | undefined =>
  Object.hasOwn(object.metadata.labels, key) ? object.metadata.labels[key] : undefined;

function parseRequirement(text: string): Matches | undefined {
  const equality = EQUALITY.exec(text);
  if (equality !== null) {
    const [, key = '', operator, value = ''] = equality;
    return operator === '!=' ? (object) => label(object, key) !== value : (object) => label(object, key) === value;
  }
  const set = SET.exec(text);
  if (set !== null) {
    const [, key = '', operator, list = ''] = set;
    const values = new Set<string | undefined>(list.split(',').map((value) => value.trim()));
    return operator === 'in' ? (object) => values.has(label(object, key)) : (object) => !values.has(label(object, key));
  }
  const order = ORDER.exec(text);
  if (order !== null) {
    const [, key = '', operator, bound = ''] = order;
    return (object) => {
      const value = label(object, key);
      if (value === undefined || !/^-?\d{1,15}$/.test(value)) return false;
      return operator === '>' ? Number(value) > Number(bound) : Number(value) < Number(bound);
    };
  }
  const exists = EXISTS.exec(text);
  if (exists === null) return undefined;
  const [, not, key = ''] = exists;
  return (object) => (label(object, key) !== undefined) === (not === '');
}

export function parseFieldSelector(text: string): Result<Matches, string> {
  if (text.length > MAX_SELECTOR) return err('fieldSelector is too long');
  const tests: Matches[] = [];
  for (const part of text.split(',').filter((piece) => piece.trim() !== '')) {
    const match = /^\s*(metadata\.name|metadata\.namespace)\s*(==|=|!=)\s*([^=!,\s]*)\s*$/.exec(part);
    if (match === null) {
      return err(`fieldSelector: cannot read ${JSON.stringify(part)}: metadata.name and metadata.namespace are known`);
    }
    const [, field, operator, value] = match;
    const read: (object: StoredObject) => string =
      field === 'metadata.name' ? ({ metadata }) => metadata.name : ({ metadata }) => metadata.namespace;
    tests.push((object) => (read(object) === value) === (operator !== '!='));
  }
  return ok((object) => tests.every((test) => test(object)));
}
