// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IOperatorStaking} from "./IOperatorStaking.sol";

/// @title What the courts share
/// @notice A court is an adjudicator that an operator's provision for store promises has accepted. It judges only what a
/// signature of the node key, a hash and the clock can show, and takes at most the liability that the evidence names.
/// @dev *Whose signature.* Evidence names its operator and its time, and counts if the signer was that operator's node key at
/// that time by OperatorStaking's own record (`nodeKeySpan`): rotating a key wipes out no fault, and no stranger's key counts,
/// whomever it works for. A signature carries no proof of when it was made, so who stole a key that was rotated since can still
/// date evidence back; evidence therefore expires (`maxTerm`), and the danger with it. Signatures are ECDSA only: a contract
/// could un-sign.
///
/// *Whom it pays.* The reward is `rewardBps` of what the operator itself loses, delegated stake not counted; the rest is burned.
/// So an operator that convicts itself, to be spared a thaw or to reach its delegators' stake, loses the most of its own.
interface IAdjudicator {
    /// @param operator who was slashed
    /// @param evidence names the fault: struct hash of the receipt, or of the (operator, key, cluster, shard, hour)
    /// @param liability the most that could be taken for it
    /// @param slashed what was taken; less where no more was left
    /// @param beneficiary who gets the reward
    /// @param reward upper bound of what the beneficiary gets; the rest of `slashed` is burned
    event Convicted(
        uint32 indexed operator,
        bytes32 indexed evidence,
        uint128 liability,
        uint128 slashed,
        address indexed beneficiary,
        uint128 reward
    );

    /// @notice `signer` was not the operator's node key at the time that the evidence names. Zero if the signature is malformed.
    error NotItsKey(uint32 operator, address signer);
    /// @notice The operator has nothing at stake that this court could reach.
    error NothingAtStake(uint32 operator);
    /// @notice The operator has been slashed for this already, up to the liability that the evidence names.
    error AlreadyConvicted(bytes32 evidence);
    /// @notice The evidence counted until `until`.
    error EvidenceExpired(uint256 until);
    /// @notice A constructor's parameter `name` is out of its bounds.
    error BadParameter(string name);

    /// @notice Where the operators' stake and keys are.
    function staking() external view returns (IOperatorStaking);

    /// @notice The service whose provision answers for store promises.
    // solhint-disable-next-line func-name-mixedcase
    function SERVICE() external view returns (uint32);

    /// @notice Longest term of a receipt, and the age at which evidence expires, in seconds. Shorter than a thaw.
    function maxTerm() external view returns (uint40);

    /// @notice Share of the operator's own loss that is paid as a reward, in basis points; at most 2,500.
    function rewardBps() external view returns (uint16);
}
