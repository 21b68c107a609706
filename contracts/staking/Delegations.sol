// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IDelegations} from "../interfaces/IDelegations.sol";
import {Holdings} from "../libraries/Holdings.sol";
import {Provisions} from "./Provisions.sol";

/// @title Tokens that others put behind an operator's provision
/// @dev Nobody's shares and one token of nobody's stand in every pool from the start: whoever raises the price of a share to round
/// others down gives most of that away to them. All rounding is the pool's gain.
abstract contract Delegations is IDelegations, Provisions {
    using Holdings for Holdings.Holding;

    bytes32 private constant DELEGATE_TYPEHASH = keccak256(
        "Delegate(uint32 id,uint32 service,uint128 amount,uint32 version,uint256 nonce,uint40 deadline)"
    );
    bytes32 private constant UNDELEGATE_TYPEHASH = keccak256(
        "Undelegate(uint32 id,uint32 service,uint128 shares,uint256 nonce,uint40 deadline)"
    );
    uint256 private constant VIRTUAL_SHARES = 1e6;
    uint256 private constant VIRTUAL_TOKENS = 1;
    uint256 private constant WHOLE = 10_000;

    /// @inheritdoc IDelegations
    function delegate(
        uint32 id,
        uint32 service,
        uint128 amount,
        uint32 version
    ) external nonReentrant returns (uint128 shares) {
        return _delegate(msg.sender, id, service, amount, version);
    }

    /// @inheritdoc IDelegations
    function delegateFor(
        address delegator,
        uint32 id,
        uint32 service,
        uint128 amount,
        uint32 version,
        uint40 deadline,
        bytes calldata signature
    ) external nonReentrant returns (uint128 shares) {
        bytes memory head = abi.encode(DELEGATE_TYPEHASH, id, service, amount, version);
        _useSignature(delegator, head, deadline, signature);
        return _delegate(delegator, id, service, amount, version);
    }

    /// @inheritdoc IDelegations
    function undelegate(uint32 id, uint32 service, uint128 shares) external {
        _undelegate(msg.sender, id, service, shares);
    }

    /// @inheritdoc IDelegations
    function undelegateFor(
        address delegator,
        uint32 id,
        uint32 service,
        uint128 shares,
        uint40 deadline,
        bytes calldata signature
    ) external {
        bytes memory head = abi.encode(UNDELEGATE_TYPEHASH, id, service, shares);
        _useSignature(delegator, head, deadline, signature);
        _undelegate(delegator, id, service, shares);
    }

    /// @inheritdoc IDelegations
    function withdrawDelegation(
        uint32 id,
        uint32 service,
        address delegator
    ) external nonReentrant returns (uint128 amount) {
        Pool storage pool = _provisions[id][service].pool;
        uint128 shares = _delegation(id, service, delegator).takeThawed();
        amount = _valueOf(pool, shares);
        pool.thawing -= shares;
        (uint128 tokens, uint128 all) = _setPool(pool, pool.tokens - amount, pool.shares - shares);
        emit DelegationWithdrawn(id, service, delegator, shares, amount, tokens, all);
        _payOut(delegator, amount);
    }

    /// @inheritdoc IDelegations
    function addRewards(uint32 id, uint32 service, uint128 amount) external nonReentrant {
        if (amount == 0) revert ZeroAmount();
        State storage s = _provisions[id][service];
        if (s.pool.shares == 0) revert NothingDelegated(id, service);
        uint128 cut = uint128((uint256(amount) * _terms(s).oldRewardCut) / WHOLE);
        (uint128 tokens, ) = _setPool(s.pool, uint256(s.pool.tokens) + amount - cut, s.pool.shares);
        address payee = payeeOf(id);
        emit RewardsAdded(id, service, msg.sender, amount, cut, payee, tokens);
        _takeIn(msg.sender, amount);
        _payOut(payee, cut);
    }

    /// @inheritdoc IDelegations
    function delegation(
        uint32 id,
        uint32 service,
        address delegator
    ) external view returns (Delegation memory) {
        Holdings.Holding storage h = _delegation(id, service, delegator);
        uint128 value = _valueOf(_provisions[id][service].pool, h.held);
        return Delegation(h.held, h.thawing, h.lastThawedAt(), value);
    }

    function _delegate(
        address delegator,
        uint32 id,
        uint32 service,
        uint128 amount,
        uint32 version
    ) private returns (uint128 shares) {
        if (amount == 0) revert ZeroAmount();
        _ownerOf(id); // reverts if there is no such operator
        State storage s = _provisions[id][service];
        if (version != s.terms.version) revert TermsChanged(id, service, version, s.terms.version);
        (uint128 tokens, uint128 all) = (s.pool.tokens, s.pool.shares);
        uint256 bought = (amount * (all + VIRTUAL_SHARES)) / (tokens + VIRTUAL_TOKENS);
        if (bought == 0) revert NoShares(amount);
        _delegation(id, service, delegator).add(bought);
        shares = uint128(bought);
        (tokens, all) = _setPool(s.pool, uint256(tokens) + amount, uint256(all) + shares);
        emit Delegated(id, service, delegator, amount, shares, tokens, all);
        _takeIn(delegator, amount);
    }

    function _undelegate(address delegator, uint32 id, uint32 service, uint128 shares) private {
        if (shares == 0) revert ZeroAmount();
        State storage s = _provisions[id][service];
        Holdings.Holding storage h = _delegation(id, service, delegator);
        uint256 unthawing = h.unthawing();
        if (shares > unthawing) revert InsufficientShares(delegator, shares, uint128(unthawing));
        uint40 wanted = uint40(block.timestamp) + _terms(s).oldThawSeconds;
        s.pool.thawing += shares;
        (uint128 thawing, uint40 thawedAt) = h.thaw(shares, wanted);
        emit Undelegating(id, service, delegator, shares, thawing, thawedAt);
    }

    function _delegation(
        uint32 id,
        uint32 service,
        address delegator
    ) private view returns (Holdings.Holding storage) {
        State storage s = _provisions[id][service];
        return s.delegations[s.pool.generation][delegator];
    }

    function _setPool(Pool storage pool, uint256 tokens, uint256 shares) internal returns (uint128, uint128) {
        if ((tokens | shares) >> 128 != 0) revert Holdings.HoldingTooLarge(tokens | shares);
        (pool.tokens, pool.shares) = (uint128(tokens), uint128(shares));
        return (uint128(tokens), uint128(shares));
    }

    function _valueOf(Pool storage pool, uint256 shares) internal view returns (uint128) {
        return uint128((shares * (pool.tokens + VIRTUAL_TOKENS)) / (pool.shares + VIRTUAL_SHARES));
    }
}
