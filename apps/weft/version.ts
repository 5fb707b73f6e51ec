/** The product's version; the workspace packages carry the same. */
import { readFileSync } from 'node:fs';

const text = readFileSync(new URL('./package.json', import.meta.url), 'utf8');

export const WEFT_VERSION: string = (JSON.parse(text) as { version: string }).version;
