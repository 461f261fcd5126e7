// json-rules-engine: https://github.com/CacheControl/json-rules-engine/tree/master/docs.
//
// A rule's event is its id; a run takes a profile as its facts and gives the events of the rules that hold. There are no
// operators for several choices, so two are added, as the documentation shows.

import { Engine } from 'json-rules-engine'

import { serve } from './serving.mjs'

/** Write a condition as the engine takes it: at the top stands `all` or `any`. */
export function conditions(tree) {
  const found = condition(tree)
  return found.all || found.any || found.not ? found : { all: [found] }
}

function condition(tree) {
  switch (tree.op) {
    case 'in':
      return tree.values.length === 1
        ? { fact: tree.fact, operator: 'equal', value: tree.values[0] }
        : { fact: tree.fact, operator: 'in', value: tree.values }
    case 'between': {
      const bounds = [
        ['greaterThanInclusive', tree.low],
        ['lessThanInclusive', tree.high],
      ].filter(([, bound]) => bound !== null)
      const tests = bounds.map(([operator, value]) => ({ fact: tree.fact, operator, value }))
      return tests.length === 1 ? tests[0] : { all: tests }
    }
    case 'several': {
      const operator = tree.quantifier === 'all' ? 'containsAll' : 'containsAny'
      const found = { fact: tree.fact, operator, value: tree.values }
      return tree.quantifier === 'none' ? { not: found } : found
    }
    case 'not':
      return { not: condition(tree.part) }
    default:
      return { [tree.op]: tree.parts.map(condition) }
  }
}

function make(workload) {
  const engine = new Engine()
  engine.addOperator('containsAny', (made, wanted) => wanted.some((choice) => made.includes(choice)))
  engine.addOperator('containsAll', (made, wanted) => wanted.every((choice) => made.includes(choice)))
  for (const [name, tree] of Object.entries(workload.rules)) {
    engine.addRule({ conditions: conditions(tree), event: { type: name } })
  }
  return {
    prepare: (facts) => facts,
    match: async (batch) => {
      const found = []
      for (const facts of batch) {
        const { events } = await engine.run(facts)
        found.push(events.map((event) => event.type))
      }
      return found
    },
  }
}

await serve(make, 'json-rules-engine')
