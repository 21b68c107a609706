// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

/// @title Provisions: an operator's stake behind one service, and its terms
/// @notice Only the owner sets terms. What would weaken a promise (a shorter delay, an adjudicator less) takes effect after the old
/// delay; what strengthens it at once. What is worse for those who delegate reaches them after the old delay, or two for
/// an adjudicator, so that they can leave first. Service 0 is the operator's general stake, 1 promises to store.
interface IProvisions {
    /// @param tokens the operator's own, what thaws included
    /// @param thawing the part of `tokens` on its way out; slashable until it is withdrawn
    /// @param thawedAt unix seconds from which all of `thawing` can be withdrawn; 0 if nothing thaws
    /// @param thawSeconds the delay of a thaw that the owner starts now
    /// @param rewardCut the payee's part of rewards, in ten-thousandths
    /// @param nextThawSeconds the delay for everybody from `changesAt` on
    /// @param nextRewardCut the cut from `changesAt` on
    /// @param changesAt unix seconds; 0 if no change is under way
    /// @param version counts changes of terms and adjudicators
    /// @param delegated tokens in the delegation pool, what is being undelegated included
    /// @param delegatedShares shares of that pool
    struct Provision {
        uint128 tokens;
        uint128 thawing;
        uint40 thawedAt;
        uint40 thawSeconds;
        uint16 rewardCut;
        uint40 nextThawSeconds;
        uint16 nextRewardCut;
        uint40 changesAt;
        uint32 version;
        uint128 delegated;
        uint128 delegatedShares;
    }

    /// @param tokens own tokens of the provision now, what thaws included
    /// @param staked own unthawing stake of the operator in all
    event Staked(
        uint32 indexed id,
        uint32 indexed service,
        address indexed from,
        uint128 amount,
        uint128 tokens,
        uint128 staked
    );
    /// @param thawing what of the provision thaws now
    /// @param thawedAt when `amount` can be withdrawn
    event Thawing(
        uint32 indexed id,
        uint32 indexed service,
        uint128 amount,
        uint128 thawing,
        uint128 staked,
        uint40 thawedAt
    );
    event StakeWithdrawn(uint32 indexed id, uint32 indexed service, address indexed owner, uint128 amount);
    /// @param changesAt from when `thawSeconds` and `rewardCut` are the terms for everybody
    event TermsSet(
        uint32 indexed id,
        uint32 indexed service,
        uint40 thawSeconds,
        uint16 rewardCut,
        uint40 changesAt,
        uint32 version
    );
    /// @param delegatedFrom unix seconds from which it may slash delegated tokens
    /// @param until unix seconds from which it may slash no more
    event AdjudicatorSet(
        uint32 indexed id,
        uint32 indexed service,
        address indexed adjudicator,
        uint40 delegatedFrom,
        uint40 until,
        uint32 version
    );
    error ZeroAmount();
    error InsufficientStake(uint32 id, uint128 wanted, uint128 staked);
    error BadThawSeconds(uint40 thawSeconds, uint40 shortest, uint40 longest);
    error BadRewardCut(uint16 rewardCut, uint16 most);
    /// @notice One change of terms at a time.
    error TermsChanging(uint32 id, uint32 service, uint40 changesAt);
    error AdjudicatorUnchanged(uint32 id, uint32 service, address adjudicator);
    /// @notice Of the constructor.
    error BadParameters(uint40 thawSeconds, uint40 creditSeconds, uint16 maximumRewardCut);

    /// @notice Adds `amount` to the own stake of `id` behind `service`, paid by the caller, whoever that is.
    function stake(uint32 id, uint32 service, uint128 amount) external;

    /// @notice `stake`, paid by `from`, who signed `Stake(uint32 id,uint32 service,uint128 amount,…)`.
    function stakeFor(
        address from,
        uint32 id,
        uint32 service,
        uint128 amount,
        uint40 deadline,
        bytes calldata signature
    ) external;

    /// @notice Owner only: starts moving `amount` out. It counts as stake no longer, but can be slashed until it is withdrawn. Up to
    /// 16 thaws run at a time; a later one never ends before an earlier one.
    function thaw(uint32 id, uint32 service, uint128 amount) external;

    /// @notice `thaw`, signed by the owner: `Thaw(uint32 id,uint32 service,uint128 amount,…)`.
    function thawFor(
        uint32 id,
        uint32 service,
        uint128 amount,
        uint40 deadline,
        bytes calldata signature
    ) external;

    /// @notice Anybody: pays the owner what has thawed.
    function withdraw(uint32 id, uint32 service) external returns (uint128 amount);

    /// @notice Owner only: the delay, from `thawSeconds()` to `maximumThawSeconds()`, and the cut, up to `maximumRewardCut()`. At
    /// once if the provision is empty; else for everybody after the old delay, a longer delay for the owner at once.
    function setTerms(uint32 id, uint32 service, uint40 thawSeconds, uint16 rewardCut) external;

    /// @notice `setTerms`, signed by the owner: `SetTerms(uint32 id,uint32 service,uint40 thawSeconds,uint16 rewardCut,…)`.
    function setTermsFor(
        uint32 id,
        uint32 service,
        uint40 thawSeconds,
        uint16 rewardCut,
        uint40 deadline,
        bytes calldata signature
    ) external;

    /// @notice Owner only: accepts `adjudicator` at once (over delegated tokens, if there are any, after two delays), or
    /// drops it after the delay.
    function setAdjudicator(uint32 id, uint32 service, address adjudicator, bool accepted) external;

    /// @notice `setAdjudicator`, signed by the owner:
    /// `SetAdjudicator(uint32 id,uint32 service,address adjudicator,bool accepted,…)`.
    function setAdjudicatorFor(
        uint32 id,
        uint32 service,
        address adjudicator,
        bool accepted,
        uint40 deadline,
        bytes calldata signature
    ) external;

    /// @notice All about a provision; one that nobody used has the default delay and nothing else.
    function provision(uint32 id, uint32 service) external view returns (Provision memory);

    /// @notice Until when `adjudicator` may slash (0 if never accepted, 2⁴⁰ − 1 if not dropped), and from when delegated tokens too.
    function acceptance(
        uint32 id,
        uint32 service,
        address adjudicator
    ) external view returns (uint40 delegatedFrom, uint40 until);

    /// @notice The shortest delay of a thaw, and the one without other terms, in seconds.
    function thawSeconds() external view returns (uint40);

    /// @notice The longest delay of a thaw, in seconds.
    function maximumThawSeconds() external view returns (uint40);

    /// @notice The biggest cut, in ten-thousandths.
    function maximumRewardCut() external view returns (uint16);
}
