// publicodes: https://publi.codes/docs.
//
// A question is a rule without a value, an answer is a value of the situation, and what follows is asked rule by rule. A
// question with several choices is one yes/no question for each choice. What is not in the situation is unknown, and
// publicodes says which questions a value misses: so it is also in the three-valued table.

import Engine from 'publicodes'

import { serve } from './serving.mjs'

const SILENT = { log() {}, warn() {}, error() {} }

/** Write a condition as publicodes does. */
export function mechanism(tree) {
  switch (tree.op) {
    case 'in':
      return joined('une de ces conditions', tree.values.map((value) => `${spaced(tree.fact)} = '${value}'`))
    case 'between': {
      const bounds = [
        ['>=', tree.low],
        ['<=', tree.high],
      ].filter(([, bound]) => bound !== null)
      return joined('toutes ces conditions', bounds.map(([sign, bound]) => `${spaced(tree.fact)} ${sign} ${bound}`))
    }
    case 'several': {
      const every = tree.quantifier === 'all' ? 'toutes ces conditions' : 'une de ces conditions'
      const found = joined(every, tree.values.map((value) => made(tree.fact, value)))
      return tree.quantifier === 'none' ? { '=': [found, 'non'] } : found
    }
    case 'not':
      return { '=': [mechanism(tree.part), 'non'] }
    default: {
      if (tree.parts.length === 0) return 'oui'
      const every = tree.op === 'all' ? 'toutes ces conditions' : 'une de ces conditions'
      return { [every]: tree.parts.map(mechanism) }
    }
  }
}

function joined(every, parts) {
  return parts.length === 1 ? parts[0] : { [every]: parts }
}

/** A name may hold letters, digits and spaces. */
function spaced(name) {
  return name.replaceAll('_', ' ').replaceAll('-', ' ')
}

function made(fact, choice) {
  return spaced(`${fact} avec ${choice}`)
}

/** The choices that rules read, by question. */
function choicesOf(rules) {
  const found = {}
  const walk = (tree) => {
    if (tree.op === 'several') {
      found[tree.fact] = new Set([...(found[tree.fact] ?? []), ...tree.values])
    }
    for (const part of tree.parts ?? []) walk(part)
    if (tree.part) walk(tree.part)
  }
  Object.values(rules).forEach(walk)
  return found
}

function make(workload) {
  const choices = choicesOf(workload.rules)
  const document = {}
  for (const [fact, kind] of Object.entries(workload.kinds)) {
    if (kind === 'words') for (const choice of choices[fact]) document[made(fact, choice)] = null
    else document[spaced(fact)] = null
  }
  const names = Object.keys(workload.rules)
  const asked = names.map((_, place) => `règle ${place}`)
  Object.values(workload.rules).forEach((tree, place) => {
    document[asked[place]] = { valeur: mechanism(tree) }
  })
  const engine = new Engine(document, { logger: SILENT })
  return {
    prepare: (facts) => situation(facts, choices),
    match: (batch) => batch.map((situation) => matched(engine, situation, names, asked, workload.three_valued)),
  }
}

function situation(facts, choices) {
  const found = {}
  for (const [fact, value] of Object.entries(facts)) {
    if (Array.isArray(value)) {
      for (const choice of choices[fact]) found[made(fact, choice)] = value.includes(choice) ? 'oui' : 'non'
    } else found[spaced(fact)] = typeof value === 'string' ? `'${value}'` : value
  }
  return found
}

function matched(engine, situation, names, asked, threeValued) {
  engine.setSituation(situation)
  const holding = []
  const unsettled = []
  asked.forEach((name, place) => {
    const { nodeValue } = engine.evaluate(name)
    if (nodeValue === true) holding.push(names[place])
    else if (nodeValue === undefined) unsettled.push(names[place])
  })
  return threeValued ? [holding, unsettled] : holding
}

await serve(make, 'publicodes')
