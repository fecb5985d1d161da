// When a simulated program takes its steps, without a program: what must not be entered again once it has ended.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Simulation } from '../../wasm/host/simulation.mjs';

/** @param {Partial<import('../../wasm/host/simulation.mjs').Stepped>} what */
function made(what) {
  /** @type {{steps: number, turns: number, stepped: number[]}} */
  const seen = { steps: 0, turns: 0, stepped: [] };
  const simulation = new Simulation({
    step: (ms) => { seen.steps++; return what.step ? what.step(ms) : 0; },
    turn: () => { seen.turns++; return what.turn ? what.turn() : true; },
    stalled: () => false, shown() {}, stepped: (id) => seen.stepped.push(id),
  });
  return { simulation, seen };
}

const soon = () => new Promise((resolve) => setTimeout(resolve, 20));

test('a pace that comes after the program has ended turns no trace', async () => {
  const { simulation, seen } = made({ step: () => null });
  simulation.run();
  await soon();
  simulation.pace(0);
  simulation.pace(100);
  await soon();
  assert.deepEqual(seen, { steps: 1, turns: 0, stepped: [] });
});

test('a trap in the turn of the trace is the end', async () => {
  const { simulation, seen } = made({ turn: () => false });
  simulation.pace(0);
  simulation.run();
  simulation.step(7, 1);
  simulation.step(8, 1);
  await soon();
  simulation.pace(100);
  await soon();
  assert.deepEqual(seen, { steps: 1, turns: 1, stepped: [] });
});
