/** Objects as YAML text: what `-o yaml` prints and `readObjects` reads back as the same value. */
import { Document } from 'yaml';

/** One document, without `---`. Words that YAML 1.1 reads otherwise are put in quotes. */
export function writeYaml(value: unknown): string {
  const document = new Document(value, {
    version: '1.2',
    schema: 'core',
    compat: 'yaml-1.1',
    aliasDuplicateObjects: false,
  });
  return document.toString({ lineWidth: 0, directives: false });
}
