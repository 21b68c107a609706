// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IOperatorStaking} from "../interfaces/IOperatorStaking.sol";
import {Holdings} from "../libraries/Holdings.sol";
import {TokenCustody} from "../libraries/TokenCustody.sol";
import {Delegations} from "./Delegations.sol";
import {IncomeCredit} from "./IncomeCredit.sol";
import {ProvisionTerms} from "./ProvisionTerms.sol";

/// @title Operators and what is staked behind them
contract OperatorStaking is IOperatorStaking, Delegations {
    using Holdings for Holdings.Holding;

    /// @dev At most one half of a slash is paid out: who slashes itself to skip a thaw loses the other.
    uint256 private constant REWARD_DIVISOR = 2;

    constructor(
        IERC20 token_,
        uint128 minimumStake_,
        uint40 thawSeconds_,
        uint40 creditSeconds_,
        uint16 maximumRewardCut_
    )
        IncomeCredit(minimumStake_, creditSeconds_)
        EIP712("Teahouse OperatorStaking", "1")
        ProvisionTerms(thawSeconds_, maximumRewardCut_)
        TokenCustody(token_)
    {}

    /// @inheritdoc IOperatorStaking
    function slash(
        uint32 id,
        uint32 service,
        uint128 amount,
        uint128 reward,
        address beneficiary
    ) external nonReentrant returns (uint128 slashed) {
        if (amount == 0) revert ZeroAmount();
        if (beneficiary == address(0)) revert ZeroAddress();
        State storage s = _provisions[id][service];
        Acceptance memory a = s.adjudicators[msg.sender];
        if (block.timestamp >= a.until) revert NotAdjudicator(id, service, msg.sender);

        (uint256 own, uint256 active) = s.own.lose(amount);
        uint128 staked = _removeStake(id, active, true);
        uint256 delegated;
        if (block.timestamp >= a.delegatedFrom) delegated = _takeDelegated(id, service, amount - own);
        slashed = uint128(own + delegated);
        reward = uint128(Math.min(reward, slashed / REWARD_DIVISOR));
        emit Slashed(id, service, msg.sender, uint128(own), uint128(delegated), reward, beneficiary, staked);

        _payOut(BURNED, slashed - reward);
        _payOut(beneficiary, reward);
    }

    /// @inheritdoc IOperatorStaking
    function slashableUntil(
        uint32 id,
        uint32 service,
        address adjudicator,
        uint40 until
    ) external view returns (uint128 amount) {
        State storage s = _provisions[id][service];
        Acceptance memory a = s.adjudicators[adjudicator];
        if (block.timestamp >= a.until || until > a.until) return 0;
        Terms memory t = _terms(s);
        if (until <= _firstExit(t, _ownDelay(t))) amount = uint128(s.own.staying(until));
        if (block.timestamp >= a.delegatedFrom && until <= _firstExit(t, t.oldThawSeconds))
            amount += _valueOf(s.pool, s.pool.shares - s.pool.thawing);
    }

    /// @dev The first second in which something could leave that does not thaw yet, if a thaw of now takes `delay`.
    function _firstExit(Terms memory t, uint40 delay) private view returns (uint256) {
        uint256 fromNow = block.timestamp + delay;
        return t.changesAt == 0 ? fromNow : Math.min(fromNow, uint256(t.changesAt) + t.thawSeconds);
    }

    /// @dev Takes up to `amount` from the pool. One that has lost all starts anew.
    function _takeDelegated(uint32 id, uint32 service, uint256 amount) private returns (uint256 taken) {
        Pool storage pool = _provisions[id][service].pool;
        uint128 tokens = pool.tokens;
        taken = Math.min(amount, tokens);
        if (taken == 0) return 0;
        _setPool(pool, tokens - taken, taken < tokens ? pool.shares : 0);
        if (taken < tokens) return taken;
        uint32 generation = pool.generation + 1;
        (pool.thawing, pool.generation) = (0, generation);
        emit PoolEmptied(id, service, generation);
    }
}
