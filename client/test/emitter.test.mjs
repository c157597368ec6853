// Events.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { source } from './lib/source.mjs'
import { uncaught } from './lib/wait.mjs'

const { Emitter, EventEmitter } = await source('emitter.ts')

test('listeners are called in order, once ones once, and those of others not', () => {
  const emitter = new Emitter()
  const seen = []
  const note = name => value => seen.push(name + value)
  const both = note('b')
  emitter.on('x', note('a')).once('x', both).on('x', both)
  emitter.on('y', note('y'))
  assert.equal(emitter.emit('x', 1), true)
  assert.equal(emitter.emit('x', 2), true)
  assert.deepEqual(seen, ['a1', 'b1', 'b1', 'a2', 'b2'])
  emitter.removeListener('x', both)
  assert.equal(emitter.listenerCount('x'), 1)
  emitter.removeAllListeners('x')
  assert.equal(emitter.emit('x'), false)
  assert.deepEqual(emitter.eventNames(), ['y'])
})

test('a once listener is called once, even if the event is told anew meanwhile', () => {
  const emitter = new Emitter()
  const seen = []
  emitter.once('x', () => { seen.push('first'); emitter.emit('x') }).once('x', () => seen.push('second'))
  emitter.emit('x')
  assert.deepEqual(seen, ['first', 'second'])
})

test('a listener may go, and come, while an event is told', () => {
  const emitter = new Emitter()
  const seen = []
  const goes = () => { seen.push('goes'); emitter.off('x', goes); emitter.on('x', () => seen.push('new')) }
  emitter.on('x', goes).on('x', () => seen.push('stays'))
  emitter.emit('x')
  assert.deepEqual(seen, ['goes', 'stays'])
  emitter.emit('x')
  assert.deepEqual(seen.slice(2), ['stays', 'new'])
})

test('an error without a listener is no exception', () => {
  assert.equal(new Emitter().emit('error', new Error('x')), false)
})

test('older ways to inherit work, and each object has listeners of its own', () => {
  function Old () { EventEmitter.call(this) }
  Old.prototype = new EventEmitter()
  const [a, b] = [new Old(), new Old()]
  let heard = 0
  a.on('x', () => heard++)
  b.emit('x')
  assert.equal(heard, 0)
  a.emit('x')
  assert.equal(heard, 1)
  assert.ok(a instanceof EventEmitter && a instanceof Emitter)
})

test('a listener that throws keeps no other from being told, and its error is reported', async () => {
  const errors = await uncaught(() => {
    const emitter = new Emitter()
    let heard = 0
    emitter.on('x', () => { throw new Error('of the page') }).on('x', () => heard++)
    assert.equal(emitter.emit('x'), true)
    assert.equal(heard, 1)
  })
  assert.deepEqual(errors, ['of the page'])
})
