/** "What if?": YAML as `weft apply` takes it, and what `weft plan` says that it would change. Nothing is written. */
import { h } from 'preact';
import { useState } from 'preact/hooks';
import type { PlanDocument } from '@weft/core/documents';
import { plan } from '../api.ts';
import { badge, type Child, panel } from '../page.ts';

type Asked =
  | { readonly state: 'none' | 'asking' }
  | { readonly state: 'told'; readonly told: PlanDocument }
  | { readonly state: 'failed'; readonly problem: string };

export function WhatIfPage(): Child {
  const [text, setText] = useState('');
  const [asked, setAsked] = useState<Asked>({ state: 'none' });
  const ask = async (event: Event): Promise<void> => {
    event.preventDefault();
    setAsked({ state: 'asking' });
    try {
      setAsked({ state: 'told', told: await plan(text) });
    } catch (error) {
      setAsked({ state: 'failed', problem: error instanceof Error ? error.message : String(error) });
    }
  };
  return h(
    'div',
    null,
    h('h1', null, 'What if?'),
    h(
      'p',
      { class: 'quiet' },
      'Paste objects as weft apply takes them. They are compared with the mesh; nothing is written.',
    ),
    h(
      'form',
      { onSubmit: (event: Event) => void ask(event) },
      h('textarea', {
        'aria-label': 'Objects in YAML',
        class: 'yaml',
        rows: 16,
        spellcheck: false,
        value: text,
        onInput: (event: Event) => setText((event.target as HTMLTextAreaElement).value),
      }),
      h(
        'p',
        null,
        h('button', { type: 'submit', disabled: asked.state === 'asking' || text.trim() === '' }, 'What would change?'),
      ),
    ),
    asked.state === 'asking' ? h('p', { class: 'quiet', role: 'status' }, 'Asking…') : null,
    asked.state === 'failed' ? h('p', { class: 'problem pre', role: 'alert' }, asked.problem) : null,
    asked.state === 'told' ? told(asked.told) : null,
  );
}

const told = ({ text, breaks, warnings }: PlanDocument): Child =>
  panel(
    'What would change',
    h(
      'p',
      { role: 'status' },
      breaks ? badge('bad', 'breaks an invariant: it would be refused') : badge('good', 'breaks no invariant'),
    ),
    warnings.map((warning) => h('p', { class: 'problem' }, warning)),
    h('pre', null, text),
  );
