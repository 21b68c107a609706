// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IAdjudicator} from "../interfaces/IAdjudicator.sol";
import {IOperatorStaking} from "../interfaces/IOperatorStaking.sol";

/// @dev Base of the courts: whose signature counts, and what a conviction costs.
abstract contract Adjudicator is IAdjudicator, EIP712 {
    uint256 internal constant BPS = 10_000;
    uint256 private constant MAX_REWARD_BPS = 2_500;

    /// @inheritdoc IAdjudicator
    uint32 public constant SERVICE = 1;
    /// @inheritdoc IAdjudicator
    IOperatorStaking public immutable staking;
    /// @inheritdoc IAdjudicator
    uint40 public immutable maxTerm;
    /// @inheritdoc IAdjudicator
    uint16 public immutable rewardBps;

    constructor(IOperatorStaking staking_, uint40 maxTerm_, uint16 rewardBps_) {
        if (maxTerm_ == 0) revert BadParameter("maxTerm");
        if (rewardBps_ > MAX_REWARD_BPS) revert BadParameter("rewardBps");
        staking = staking_;
        maxTerm = maxTerm_;
        rewardBps = rewardBps_;
    }

    /// @dev Reverts unless `signature` is by a key that was the operator's node key from `from` until before `until`.
    function _requireNodeKey(
        uint32 operator,
        bytes32 structHash,
        bytes calldata signature,
        uint256 from,
        uint256 until
    ) internal view returns (address signer) {
        (signer, , ) = ECDSA.tryRecoverCalldata(_hashTypedDataV4(structHash), signature);
        (uint40 since, uint40 end) = staking.nodeKeySpan(operator, signer);
        if (since == 0 || from < since || (end != 0 && until > end)) revert NotItsKey(operator, signer);
    }

    /// @dev Slashes up to `liability`. Takes nothing, rather than reverting, where the stake is gone or out of reach.
    function _convict(
        uint32 operator,
        bytes32 evidence,
        uint128 liability,
        address beneficiary
    ) internal returns (uint128 slashed) {
        uint128 reward = _reward(operator, liability);
        if (_isAccepted(operator)) {
            slashed = staking.slash(operator, SERVICE, liability, reward, beneficiary);
        }
        emit Convicted(operator, evidence, liability, slashed, beneficiary, reward);
    }

    /// @dev Like `_convict`, but reverts if there is nothing to take, so that evidence is not used up for nothing.
    function _convictOfSome(
        uint32 operator,
        bytes32 evidence,
        uint128 liability,
        address beneficiary
    ) internal returns (uint128 slashed) {
        slashed = _convict(operator, evidence, liability, beneficiary);
        if (slashed == 0) revert NothingAtStake(operator);
    }

    /// @dev True if the operator's provision lets this court slash now.
    function _isAccepted(uint32 operator) internal view returns (bool) {
        (, uint40 until) = staking.acceptance(operator, SERVICE, address(this));
        return block.timestamp < until;
    }

    /// @dev A share of what the operator itself loses, what thaws included, whatever its delegators lose.
    function _reward(uint32 operator, uint128 liability) private view returns (uint128) {
        uint256 loss = staking.provision(operator, SERVICE).tokens;
        if (loss > liability) loss = liability;
        return uint128((loss * rewardBps) / BPS);
    }
}
