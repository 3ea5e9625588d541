import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFitToShow } from './wording.ts';

test('words may have lines and any script, and nothing that a terminal obeys or that turns text around', () => {
  for (const text of ['', 'Until June', 'two\nlines\tand a tab', '四半期報告', 'de l’année — 👍🏽', 'שלום'])
    assert.equal(isFitToShow(text), true, JSON.stringify(text));
  for (const text of ['\u001b[2J', 'a\u0000b', 'over\rwritten', '\u009b31m', 'x\u007f', '\u202efdp.exe', 'a\u2066b'])
    assert.equal(isFitToShow(text), false, JSON.stringify(text));
});
