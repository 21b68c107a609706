// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IProvisions} from "../interfaces/IProvisions.sol";
import {Holdings} from "../libraries/Holdings.sol";
import {TokenCustody} from "../libraries/TokenCustody.sol";
import {ProvisionTerms} from "./ProvisionTerms.sol";

/// @title An operator's own stake, in and out
abstract contract Provisions is ProvisionTerms, TokenCustody {
    using Holdings for Holdings.Holding;

    bytes32 private constant STAKE_TYPEHASH = keccak256(
        "Stake(uint32 id,uint32 service,uint128 amount,uint256 nonce,uint40 deadline)"
    );
    bytes32 private constant THAW_TYPEHASH = keccak256(
        "Thaw(uint32 id,uint32 service,uint128 amount,uint256 nonce,uint40 deadline)"
    );

    /// @inheritdoc IProvisions
    function stake(uint32 id, uint32 service, uint128 amount) external nonReentrant {
        _stake(msg.sender, id, service, amount);
    }

    /// @inheritdoc IProvisions
    function stakeFor(
        address from,
        uint32 id,
        uint32 service,
        uint128 amount,
        uint40 deadline,
        bytes calldata signature
    ) external nonReentrant {
        _useSignature(from, abi.encode(STAKE_TYPEHASH, id, service, amount), deadline, signature);
        _stake(from, id, service, amount);
    }

    /// @inheritdoc IProvisions
    function thaw(uint32 id, uint32 service, uint128 amount) external onlyOwner(id) {
        _thaw(id, service, amount);
    }

    /// @inheritdoc IProvisions
    function thawFor(
        uint32 id,
        uint32 service,
        uint128 amount,
        uint40 deadline,
        bytes calldata signature
    ) external {
        _useOwnerSignature(id, abi.encode(THAW_TYPEHASH, id, service, amount), deadline, signature);
        _thaw(id, service, amount);
    }

    /// @inheritdoc IProvisions
    function withdraw(uint32 id, uint32 service) external nonReentrant returns (uint128 amount) {
        address owner = _ownerOf(id);
        amount = _provisions[id][service].own.takeThawed();
        emit StakeWithdrawn(id, service, owner, amount);
        _payOut(owner, amount);
    }

    function _stake(address from, uint32 id, uint32 service, uint128 amount) private {
        if (amount == 0) revert ZeroAmount();
        uint128 staked = _addStake(id, amount);
        uint128 tokens = _provisions[id][service].own.add(amount);
        emit Staked(id, service, from, amount, tokens, staked);
        _takeIn(from, amount);
    }

    function _thaw(uint32 id, uint32 service, uint128 amount) private {
        if (amount == 0) revert ZeroAmount();
        State storage s = _provisions[id][service];
        uint256 unthawing = s.own.unthawing();
        if (amount > unthawing) revert InsufficientStake(id, amount, uint128(unthawing));
        uint128 staked = _removeStake(id, amount, false);
        uint40 wanted = uint40(block.timestamp) + _ownDelay(_terms(s));
        (uint128 thawing, uint40 thawedAt) = s.own.thaw(amount, wanted);
        emit Thawing(id, service, amount, thawing, staked, thawedAt);
    }
}
