/**
 * RE2 in JavaScript, loaded with the first expression: a quarter of a megabyte of source that most proxies never need. Loading code on demand
 * changes no value, so the pure layers may; the check lets them have node:module for nothing else.
 */
import { createRequire } from 'node:module';

type Re2 = typeof import('re2js').RE2JS;

const require = createRequire(import.meta.url);

export const re2 = (): Re2 => (require('re2js') as typeof import('re2js')).RE2JS;
