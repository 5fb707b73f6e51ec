/** The documents of a YAML or JSON text as syntax trees, and what is wrong with the syntax in one shape. */
import { type Document, LineCounter, type Node, parseAllDocuments, type YAMLParseError } from 'yaml';

export interface SyntaxFault {
  readonly offset: number;
  readonly code: string;
  readonly message: string;
  readonly remedy: string | undefined;
}

export interface ParsedDocument {
  readonly root: Node | null;
  readonly faults: readonly SyntaxFault[];
}

export interface ParsedText {
  readonly documents: readonly ParsedDocument[];
  readonly lines: LineCounter;
}

const MAX_FAULTS = 20;

const REMEDIES: Readonly<Record<string, string>> = {
  BAD_INDENT: 'indent with the same number of blanks as the lines around it',
  TAB_AS_INDENT: 'indent with blanks',
  MISSING_CHAR: 'write `key: value`, and close every quote and bracket',
  BLOCK_AS_IMPLICIT_KEY: 'put the value on a line of its own, or in quotes',
  UNEXPECTED_TOKEN: 'put a value with special characters in quotes',
  BAD_SCALAR_START: 'put the value in quotes',
};

export function parseDocuments(text: string): ParsedText {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    version: '1.2',
    schema: 'core',
    merge: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
    stringKeys: false,
    lineCounter: lines,
  });
  return { documents: [...documents].map(parsed), lines };
}

function parsed(document: Document.Parsed): ParsedDocument {
  const faults = document.errors.slice(0, MAX_FAULTS).map(fault);
  return { root: document.contents, faults };
}

function fault({ code, message, pos }: YAMLParseError): SyntaxFault {
  const deep = message.includes('call stack');
  return {
    offset: pos[0],
    code: deep ? 'too-large' : 'invalid-yaml',
    message: deep ? 'nested too deep' : `not YAML: ${printable(message)}`,
    remedy: deep ? undefined : REMEDIES[code],
  };
}

/** The library's own words, which can hold a piece of the text: one line, bounded, without characters that would steer a terminal. */
const printable = (message: string): string => (message.split('\n', 1)[0] ?? '').slice(0, 200).replace(/[^ -~]/g, '?');
