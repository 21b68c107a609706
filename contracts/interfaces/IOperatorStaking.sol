// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IDelegations} from "./IDelegations.sol";
import {IOperators} from "./IOperators.sol";
import {IProvisions} from "./IProvisions.sol";

/// @title Operators and what is staked behind them
/// @notice Nobody owns this contract. An operator itself accepts who may slash its stake and who may draw on its credit.
interface IOperatorStaking is IDelegations, IProvisions, IOperators {
    /// @param own taken from the operator
    /// @param delegated taken from the pool
    /// @param rewarded of both, paid to `beneficiary`; the rest is burned
    event Slashed(
        uint32 indexed id,
        uint32 indexed service,
        address indexed adjudicator,
        uint128 own,
        uint128 delegated,
        uint128 rewarded,
        address beneficiary,
        uint128 staked
    );

    error NotAdjudicator(uint32 id, uint32 service, address caller);

    /// @notice An adjudicator that the provision accepts only: takes up to `amount`, the operator's own stake first (what thaws before
    /// what does not), then delegated tokens. Pays up to `reward`, at most half of what was taken, to `beneficiary` and burns
    /// the rest. What `beneficiary` can't take waits as claimable. Good standing starts anew.
    /// @return slashed what was taken, 0 if nothing was there
    function slash(
        uint32 id,
        uint32 service,
        uint128 amount,
        uint128 reward,
        address beneficiary
    ) external returns (uint128 slashed);

    /// @notice Stake of the provision that stays slashable by `adjudicator` in every second before `until`, whatever owner and
    /// delegators do: thaws that end before do not count, nor do delegated tokens that thaw or that it can't slash yet. 0 if the
    /// adjudicator is not accepted until then, or `until` is further away than the delay. Several claims share one stake.
    function slashableUntil(
        uint32 id,
        uint32 service,
        address adjudicator,
        uint40 until
    ) external view returns (uint128);
}
