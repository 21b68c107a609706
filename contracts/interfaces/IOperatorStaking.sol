// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IDelegations} from "./IDelegations.sol";
import {IOperators} from "./IOperators.sol";
import {IProvisions} from "./IProvisions.sol";

/// @title Operators and what is staked behind them
/// @notice Nobody owns this contract. An operator itself accepts who may slash its stake and who may draw on its credit.
interface IOperatorStaking is IDelegations, IProvisions, IOperators {}
