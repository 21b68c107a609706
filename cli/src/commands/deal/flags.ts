import type { Locale } from '@teahouse/client'
import type { Command } from 'commander'
import { withYes, type ConfirmFlags } from '../../operator/confirm.ts'
import { leaf, type LeafInit } from '../../command.ts'
import type { CommonOptions, Session } from '../../session.ts'
import { languageOf } from '../../texts/language.ts'

export interface RelayFlags {
  readonly relay?: boolean
}

/** Options of every step that moves money. */
export type StepFlags = CommonOptions & ConfirmFlags & RelayFlags

/** A command that moves money: it says what it does and what that costs, and asks. */
export const step = (parent: Command, init: LeafInit): Command =>
  withYes(leaf(parent, init)).option('--relay', 'sign it, and let nodes send it: takes no coins')

/** The language of sentences: that of the other texts. */
export const localeOf = ({ world }: Session): Locale => languageOf(world.env)
